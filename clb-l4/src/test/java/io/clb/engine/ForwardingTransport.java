package io.clb.engine;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;

/** A transport that does what another does, for tests that change some of it. */
class ForwardingTransport implements Transport {

    private final Transport sound;

    ForwardingTransport(Transport sound) {
        this.sound = sound;
    }

    @Override
    public String name() {
        return sound.name();
    }

    @Override
    public IoHandlerFactory ioHandlers() {
        return sound.ioHandlers();
    }

    @Override
    public ServerSocketChannel newServerSocket(boolean reusePort) {
        return sound.newServerSocket(reusePort);
    }

    @Override
    public SocketChannel newSocket() {
        return sound.newSocket();
    }

    @Override
    public void choosePortAtConnect(SocketChannel socket) {
        sound.choosePortAtConnect(socket);
    }

    @Override
    public boolean servesLinger() {
        return sound.servesLinger();
    }

    @Override
    public void linger(SocketChannel socket, int millis) {
        sound.linger(socket, millis);
    }

    @Override
    public StreamSocket clientSocket(
            SocketChannel client, Loop loop, PaceSource source, StreamSocket.Use use, StreamSocket.Events events) {
        return sound.clientSocket(client, loop, source, use, events);
    }

    @Override
    public StreamSocket serverSocket(Loop loop, PaceSource source, StreamSocket.Use use, StreamSocket.Events events) {
        return sound.serverSocket(loop, source, use, events);
    }

    @Override
    public boolean servesFastOpen() {
        return sound.servesFastOpen();
    }

    @Override
    public DatagramChannel newDatagramSocket(boolean reusePort) {
        return sound.newDatagramSocket(reusePort);
    }

    @Override
    public DatagramUpstream newDatagramUpstream(Loop loop, DatagramUpstream.Events events) {
        return sound.newDatagramUpstream(loop, events);
    }

    @Override
    public Replies replies(DatagramChannel socket, Loop loop) {
        return sound.replies(socket, loop);
    }

    @Override
    public boolean servesDatagrams() {
        return sound.servesDatagrams();
    }

    @Override
    public boolean dealsConnections() {
        return sound.dealsConnections();
    }
}
