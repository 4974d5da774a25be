package io.clb.ratelimit.jgroups;

import org.jgroups.util.ThreadFactory;

/** Makes all threads of a JGroups stack: daemons, whose names begin with that of the node. */
final class ClusterThreads implements ThreadFactory {

    private final String node;

    ClusterThreads(String node) {
        this.node = node;
    }

    @Override
    public Thread newThread(Runnable work) {
        return newThread(work, "worker");
    }

    @Override
    public Thread newThread(Runnable work, String name) {
        Thread thread = new Thread(work, node + "-" + name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public boolean useVirtualThreads() {
        return false;
    }

    // JGroups would put the cluster's name and its own address into the names of threads: one name stays.

    @Override
    public void setPattern(String pattern) {}

    @Override
    public void setIncludeClusterName(boolean include) {}

    @Override
    public void setClusterName(String name) {}

    @Override
    public void setAddress(String address) {}

    @Override
    public void renameThread(String name, Thread thread) {}
}
