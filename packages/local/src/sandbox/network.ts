/**
 * `own`: a network namespace in which there is nothing but a loopback of its own; what lies outside is
 * reached through a socket among the container's mounts, if at all. `host`: that of the machine, with
 * all services that listen on it.
 */
export type SandboxNetwork = 'own' | 'host';
