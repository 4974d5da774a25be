/** What strategies of this library remember servers by, in bounded room. Not exported. */
@NullMarked
package io.clb.table;

import org.jspecify.annotations.NullMarked;
