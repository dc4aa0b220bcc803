import type { Container, UserContainer } from '@agentteam/argo';
import type { StartupProbe } from './native-sidecar.ts';

/** As Kubernetes' `timeoutSeconds`. */
const TIMEOUT_MS = 1000;

/** Where a container serves on this machine what it declares as a port; undefined: not yet. */
export type PortOf = (
  podDirectory: string,
  container: string,
  port: number,
) => Promise<number | undefined>;

/** The number of a port that a probe gives by name or number. */
export function numberOf(
  { ports = [] }: Container | UserContainer,
  port: StartupProbe['port'],
): number | undefined {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort;
}

/** Whether something answers there with success. */
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
