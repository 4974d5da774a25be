package io.clb.l7;

/** What becomes of the body of a response on its way to the client. */
enum ContentCoding {
    /** Nothing. */
    AS_IT_IS,
    /** Nothing, but another client would get it compressed. */
    VARIES,
    /** It is compressed. */
    GZIP
}
