import type { Container, UserContainer } from '@agentteam/argo';
import type { StartupProbe } from './native-sidecar.ts';

/** The default of Kubernetes' `timeoutSeconds`. */
const TIMEOUT_MS = 1000;

/** The port of this machine at which a container serves a declared port; undefined while it does not. */
export type PortOf = (
  podDirectory: string,
  container: string,
  port: number,
) => Promise<number | undefined>;

/** The number of a probe's port, which may be the name of a container port. */
export function portNumber(
  { ports = [] }: Container | UserContainer,
  port: StartupProbe['port'],
): number | undefined {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort;
}

/** Whether a GET request succeeds. */
export async function answers(port: number | undefined, path: string): Promise<boolean> {
  if (port === undefined) return false;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal });
    await response.body?.cancel();
    return response.status < 400;
  } catch {
    return false;
  }
}
