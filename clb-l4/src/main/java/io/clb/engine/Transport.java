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
     * Has a socket that will be bound to an address choose its port when it connects: so one port serves connections to several servers.
     *
     * @param socket neither bound nor connected
     */
    default void choosePortAtConnect(SocketChannel socket) {}

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
