/** A sidecar of an agent's environment, as the agent's runner sees it: when it counts as ready. */
export interface SidecarSpec {
  readonly name: string;
  /** All of them must succeed. Empty: the sidecar counts as ready at once. */
  readonly probes: readonly SidecarProbe[];
  /** How long the runner waits, from its own start. */
  readonly timeoutSeconds: number;
}

/** A test of a port on the pod's loopback: a connection, or with `path` a GET request. */
export interface SidecarProbe {
  readonly port: number;
  readonly path?: string;
}

/**
 * Names that no sidecar may have: the other containers of an agent's pod, ours and Argo's, and the entries of
 * a pod's directory on the embedded engine, which has a directory for each container.
 */
export const RESERVED_CONTAINERS: readonly string[] = [
  ...['main', 'setup', 'gateway', 'runtime'],
  ...['init', 'wait'],
  ...['volumes', 'secrets', 'argo'],
];
