package io.clb.l4;

import io.clb.spi.DiscoveredServer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The questions of one look-up, on the thread that makes it, which drives the sockets itself. Nothing is left of them at the end.
 *
 * <p>Each question goes to one name server after the other until one answers that there are records, or that there is no such name.
 */
final class DnsQueries implements AutoCloseable {

    /** What fits into a packet anywhere (DNS flag day 2020); more comes by TCP. */
    private static final int MAX_PAYLOAD = 1_232;

    /** Name servers that are asked, as resolvers commonly do. */
    private static final int MAX_SERVERS = 3;

    /** Hosts whose addresses are asked for at a time. Not measured. */
    private static final int HOSTS_AT_A_TIME = 16;

    /** How often the thread looks whether it should go on. */
    private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();

    /** What a busy or cold machine may take besides. Not measured. */
    private static final long SLOW_NANOS = Duration.ofSeconds(2).toNanos();

    private final Duration timeout;
    private final BooleanSupplier cancelled;
    private final List<InetSocketAddress> servers;
    private final ManualIoEventLoop loop;
    private final DnsNameResolver resolver;

    /** What a look-up found. */
    record Found(List<DiscoveredServer> servers, long ttlSeconds) {}

    /** Says which question failed, and how. */
    static final class FailedException extends Exception {

        private static final long serialVersionUID = 1;

        private final String why;

        FailedException(String why) {
            super(why);
            this.why = why;
        }

        String why() {
            return why;
        }
    }

    private record Service(int priority, int weight, int port, String target) {}

    /** What a name server said: records, or why there are none. */
    private record Answer(List<String> addresses, List<Service> services, long ttlSeconds, String text) {}

    /**
     * Makes them ready.
     *
     * @param sockets opens that for datagrams; it may throw
     */
    DnsQueries(
            List<InetSocketAddress> nameServers,
            String name,
            Duration timeout,
            ChannelFactory<? extends DatagramChannel> sockets,
            BooleanSupplier cancelled) {
        this.timeout = timeout;
        this.cancelled = cancelled;
        DnsServerAddressStreamProvider provider = nameServers.isEmpty()
                ? DnsServerAddressStreamProviders.platformDefault()
                : new SequentialDnsServerAddressStreamProvider(nameServers);
        DnsServerAddressStream stream = provider.nameServerAddressStream(name);
        this.servers = Stream.generate(stream::next)
                .limit(Math.min(MAX_SERVERS, stream.size()))
                .toList();
        this.loop = new ManualIoEventLoop(Thread.currentThread(), NioIoHandler.newFactory());
        try {
            this.resolver = new DnsNameResolverBuilder(loop)
                    .datagramChannelFactory(sockets)
                    .socketChannelType(NioSocketChannel.class)
                    .nameServerProvider(provider)
                    .hostsFileEntriesResolver((host, types) -> null)
                    .searchDomains(List.of())
                    .maxPayloadSize(MAX_PAYLOAD)
                    .queryTimeoutMillis(timeout.toMillis())
                    .build();
        } catch (RuntimeException | Error e) {
            end(loop);
            throw e;
        }
    }

    /** Whom it asks. */
    List<InetSocketAddress> servers() {
        return servers;
    }

    /** A question on its way from one name server to the next. */
    private final class Asking {

        private final DnsQuestion question;
        private int asked;
        private @Nullable Answer answer;
        private String failure = "no name server";

        Asking(String name, DnsRecordType type) {
            this.question = new DefaultDnsQuestion(name, type);
        }

        boolean isOver() {
            return answer != null || asked > servers.size();
        }

        void askNext() {
            if (asked++ < servers.size()) {
                InetSocketAddress server = servers.get(asked - 1);
                resolver.query(server, question)
                        .addListener((Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> heard) ->
                                heard(server, heard));
            }
        }

        private void heard(InetSocketAddress server, Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> heard) {
            String from = " from " + NetUtil.toSocketAddressString(server);
            if (!heard.isSuccess()) {
                Throwable cause = heard.cause();
                failure = (cause instanceof DnsNameResolverTimeoutException
                                ? "no answer within " + timeout.toMillis() + " ms"
                                : "failed: " + cause)
                        + from;
                askNext();
                return;
            }
            AddressedEnvelope<DnsResponse, InetSocketAddress> envelope = heard.getNow();
            try {
                DnsResponse response = envelope.content();
                DnsResponseCode code = response.code();
                if (response.isTruncated()) {
                    // The resolver's way of saying that TCP gave nothing: a part of the list is none.
                    failure = "truncated answer, and none by TCP" + from;
                    askNext();
                } else if (code.equals(DnsResponseCode.NOERROR) || code.equals(DnsResponseCode.NXDOMAIN)) {
                    answer = read(response, question, text() + ": " + code + from);
                } else {
                    failure = code + from;
                    askNext();
                }
            } catch (RuntimeException e) {
                failure = "malformed answer" + from;
                askNext();
            } finally {
                envelope.release();
            }
        }

        String text() {
            String name = question.name();
            return question.type().name() + " " + name.substring(0, name.length() - 1);
        }

        Answer answer() throws FailedException {
            if (answer == null) {
                throw new FailedException(text() + ": " + failure);
            }
            return answer;
        }
    }

    private static Answer read(DnsResponse response, DnsQuestion question, String text) {
        List<String> addresses = new ArrayList<>();
        List<Service> services = new ArrayList<>();
        long ttl = Long.MAX_VALUE;
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            ttl = Math.min(ttl, record.timeToLive());
            if (record.type().equals(question.type()) && record instanceof DnsRawRecord raw) {
                ByteBuf content = raw.content();
                if (question.type().equals(DnsRecordType.SRV)) {
                    services.add(new Service(
                            content.readUnsignedShort(),
                            content.readUnsignedShort(),
                            content.readUnsignedShort(),
                            DefaultDnsRecordDecoder.decodeName(content)));
                } else {
                    byte[] address = new byte[question.type().equals(DnsRecordType.A) ? 4 : 16];
                    content.readBytes(address);
                    addresses.add(NetUtil.bytesToIpAddress(address));
                }
            }
        }
        return new Answer(addresses, services, ttl, text);
    }

    /** The addresses of a name. */
    Found addresses(String name, int port) throws FailedException {
        Answer answer = ask(List.of(name)).get(0);
        if (answer.addresses().isEmpty()) {
            throw new FailedException(answer.text() + ", no address");
        }
        return new Found(
                answer.addresses().stream()
                        .map(address -> DiscoveredServer.of(address, port))
                        .toList(),
                answer.ttlSeconds());
    }

    /** The services of a name, with their addresses. */
    Found services(String name) throws FailedException {
        Asking asking = new Asking(name, DnsRecordType.SRV);
        run(List.of(asking));
        Answer answer = asking.answer();
        // A root as the target says that there is no such service (RFC 2782).
        List<Service> there = answer.services().stream()
                .filter(service -> !service.target().equals("."))
                .toList();
        int first = there.stream().mapToInt(Service::priority).min().orElse(0);
        List<Service> services =
                there.stream().filter(service -> service.priority() == first).toList();
        if (services.isEmpty()) {
            throw new FailedException(answer.text() + ", no service");
        }
        List<String> hosts = services.stream().map(Service::target).distinct().toList();
        Map<String, List<String>> addresses = new LinkedHashMap<>();
        long ttl = answer.ttlSeconds();
        for (int i = 0; i < hosts.size(); i += HOSTS_AT_A_TIME) {
            List<String> some = hosts.subList(i, Math.min(hosts.size(), i + HOSTS_AT_A_TIME));
            List<Answer> answers = ask(some);
            for (int host = 0; host < some.size(); host++) {
                addresses.put(some.get(host), answers.get(host).addresses());
                ttl = Math.min(ttl, answers.get(host).ttlSeconds());
            }
        }
        List<DiscoveredServer> servers = weighted(services, addresses);
        if (servers.isEmpty()) {
            throw new FailedException(answer.text() + ", no address of " + String.join(", ", hosts));
        }
        return new Found(servers, ttl);
    }

    /** Divides the weight of each service among its addresses, and maps the shares to 0 to 100. */
    private static List<DiscoveredServer> weighted(List<Service> services, Map<String, List<String>> addresses) {
        boolean noWeights = services.stream().allMatch(service -> service.weight() == 0);
        Map<DiscoveredServer, Double> shares = new LinkedHashMap<>();
        for (Service service : services) {
            List<String> hosts = addresses.getOrDefault(service.target(), List.of());
            double share = (noWeights ? 1.0 : service.weight()) / Math.max(1, hosts.size());
            hosts.forEach(host -> shares.merge(DiscoveredServer.of(host, service.port()), share, Double::sum));
        }
        double most = shares.values().stream().mapToDouble(share -> share).max().orElse(1);
        return shares.entrySet().stream()
                .map(server -> server.getKey().withWeight(weight(server.getValue(), most)))
                .toList();
    }

    private static int weight(double share, double most) {
        if (share == 0) {
            return most == 0 ? DiscoveredServer.DEFAULT_WEIGHT : 0;
        }
        return (int) Math.max(1, Math.round(DiscoveredServer.DEFAULT_WEIGHT * share / most));
    }

    /** Asks for both kinds of addresses of each name. One kind is enough; what fails for one kind fails, as nobody knows what would be missing. */
    private List<Answer> ask(List<String> names) throws FailedException {
        List<Asking> all = new ArrayList<>();
        for (String name : names) {
            all.add(new Asking(name, DnsRecordType.A));
            all.add(new Asking(name, DnsRecordType.AAAA));
        }
        run(all);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < all.size(); i += 2) {
            Answer four = all.get(i).answer();
            Answer six = all.get(i + 1).answer();
            List<String> addresses = Stream.concat(four.addresses().stream(), six.addresses().stream())
                    .distinct()
                    .collect(Collectors.toList());
            long ttl = Math.min(four.ttlSeconds(), six.ttlSeconds());
            answers.add(new Answer(addresses, List.of(), ttl, four.text() + "; " + six.text()));
        }
        return answers;
    }

    private void run(List<Asking> all) throws FailedException {
        all.forEach(Asking::askNext);
        long begun = loop.ticker().nanoTime();
        // A name server may answer that it has more, and not give it by TCP: twice the time, for each.
        long most = 2 * timeout.toNanos() * servers.size() + SLOW_NANOS;
        while (!all.stream().allMatch(Asking::isOver)) {
            if (cancelled.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                throw new FailedException("the look-up was given up");
            }
            if (loop.ticker().nanoTime() - begun > most) {
                throw new FailedException(all.get(0).text() + ": no whole answer in time");
            }
            loop.run(LOOK_NANOS);
        }
    }

    @Override
    public void close() {
        try {
            resolver.close();
        } finally {
            end(loop);
        }
    }

    private static void end(ManualIoEventLoop loop) {
        loop.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
    }
}
