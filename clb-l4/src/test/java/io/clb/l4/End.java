package io.clb.l4;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;

/** How the other side ended a connection. */
enum End {
    /** In good order. */
    FIN,
    /** With a reset. */
    RESET;

    /** Reads to the end. */
    static End of(Socket socket) throws IOException {
        try {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            return FIN;
        } catch (SocketException e) {
            return RESET;
        }
    }
}
