package io.clb.engine;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;

/** The system's way to wait for sockets: one constant-like implementation for each of Netty's. */
public interface Transport {

    /**
     * Returns the name.
     *
     * @return {@code epoll}, {@code kqueue}, {@code nio} or {@code io_uring}
     */
    String name();

    /**
     * Returns what drives an event loop of this transport.
     *
     * @return a new factory
     */
    IoHandlerFactory ioHandlers();

    /**
     * Makes a listening socket, not yet bound.
     *
     * @param reusePort whether other sockets may be bound to the same port, the system dealing connections among them
     * @return the channel
     */
    ServerSocketChannel newServerSocket(boolean reusePort);

    /**
     * Makes a socket, not yet connected.
     *
     * @return the channel
     */
    SocketChannel newSocket();

    /**
     * Makes a client's connection a socket of its loop.
     *
     * @param client not registered, unless its header was read
     * @param loop its loop
     * @param source whose bandwidth limits hold
     * @param use what is done with it
     * @param events hears of it
     * @return the socket, not yet opened
     */
    default StreamSocket clientSocket(
            SocketChannel client, Loop loop, PaceSource source, StreamSocket.Use use, StreamSocket.Events events) {
        return new ChannelStreamSocket(this, client, loop, Direction.FROM_CLIENTS, source, use, events);
    }

    /**
     * Makes a socket towards a server.
     *
     * @param loop its loop
     * @param source whose bandwidth limits hold
     * @param use what is done with it
     * @param events hears of it
     * @return the socket, not yet opened
     * @throws io.netty.channel.ChannelException if the system has none to give
     */
    default StreamSocket serverSocket(Loop loop, PaceSource source, StreamSocket.Use use, StreamSocket.Events events) {
        return new ChannelStreamSocket(this, newSocket(), loop, Direction.TO_CLIENTS, source, use, events);
    }

    /**
     * Has a socket that will be bound to an address choose its port when it connects: so one port serves connections to several servers.
     *
     * @param socket neither bound nor connected
     */
    default void choosePortAtConnect(SocketChannel socket) {}

    /**
     * Tells whether {@link #linger} does anything.
     *
     * @return true for epoll and io_uring
     */
    default boolean servesLinger() {
        return false;
    }

    /**
     * Has the system give a connection up when the other end acknowledges nothing for a time, while something is on its way.
     *
     * @param socket connected
     * @param millis the time
     * @throws io.netty.channel.ChannelException if the socket takes no options any more
     */
    default void linger(SocketChannel socket, int millis) {}

    /**
     * Asks the system how long the way to the other end and back takes.
     *
     * @param socket connected
     * @return microseconds; -1 where it does not tell, or the socket is closed
     */
    default long roundTripMicros(SocketChannel socket) {
        return -1;
    }

    /**
     * Asks the system whether the other end of a connection that nothing should come over has closed it, or sent something all the same, though its loop
     * has not heard of it yet. What came is lost, so such a connection can only be closed.
     *
     * @param socket connected, on its own loop
     * @return true if it is closed here, too; false if nothing has come, where the system cannot be asked (io_uring), and on epoll, whose sockets to servers are no channels
     */
    default boolean hasStirred(SocketChannel socket) {
        return false;
    }

    /**
     * Tells whether listening sockets may take data that comes with a SYN, as {@link io.netty.channel.ChannelOption#TCP_FASTOPEN} has them do.
     *
     * @return true for epoll and io_uring where the system lets them
     */
    default boolean servesFastOpen() {
        return false;
    }

    /**
     * Makes a datagram socket, neither bound nor connected, that receives and sends datagrams of every size, empty ones
     * included; on NIO those fail on connected sockets.
     *
     * @param reusePort whether other sockets may be bound to the same port, the system dealing clients among them
     * @return the channel
     * @throws io.netty.channel.ChannelException if the system has none to give, or this transport serves none
     */
    DatagramChannel newDatagramSocket(boolean reusePort);

    /**
     * Opens a datagram socket towards a server, on the loop that it is for.
     *
     * @param loop its loop
     * @param events hears of it
     * @return the socket, not yet connected
     * @throws io.netty.channel.ChannelException if the system has none to give, or it cannot be waited for
     */
    default DatagramUpstream newDatagramUpstream(Loop loop, DatagramUpstream.Events events) {
        return ChannelUpstream.open(newDatagramSocket(false), loop, events);
    }

    /**
     * Sets how a listening datagram socket is read.
     *
     * @param socket not yet registered
     * @param loop its loop
     * @return how answers leave through it
     */
    default Replies replies(DatagramChannel socket, Loop loop) {
        return new ChannelReplies(socket);
    }

    /**
     * Tells whether this transport serves datagram sockets.
     *
     * @return false for io_uring
     */
    default boolean servesDatagrams() {
        return true;
    }

    /**
     * Tells whether the system deals the connections of a port evenly among several listening sockets, and the clients of a
     * UDP port.
     *
     * @return true for Linux with epoll or io_uring
     */
    boolean dealsConnections();
}
