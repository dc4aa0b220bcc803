/**
 * The network of a sandbox. `own`: a network namespace with only a loopback interface; the only way out
 * is a socket in one of the container's mounts. `host`: the machine's network, including all services
 * that listen on the machine.
 */
export type SandboxNetwork = 'own' | 'host';
