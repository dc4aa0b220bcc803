import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, type SidecarProbe, type SidecarSpec } from '@agentteam/contract';
import { StepFailure } from '../step/failure.ts';
import { log } from './log.ts';

const INTERVAL_MS = 100;
/** The longest time for one probe, as in Kubernetes by default. */
const PROBE_MS = 1000;

/**
 * Waits until all sidecars of the pod are ready. They share the loopback of this container.
 * @throws StepFailure with `EXIT.invalid` naming a sidecar that is not ready in time.
 */
export async function waitForSidecars(
  sidecars: readonly SidecarSpec[] = [],
  signal: AbortSignal,
): Promise<void> {
  const given = new AbortController();
  const either = AbortSignal.any([signal, given.signal]);
  try {
    await Promise.all(sidecars.map((sidecar) => waitFor(sidecar, either)));
  } finally {
    // One has failed, so there is nothing to wait for in the others.
    given.abort();
  }
}

async function waitFor(sidecar: SidecarSpec, signal: AbortSignal): Promise<void> {
  const { name, probes, timeoutSeconds } = sidecar;
  const until = Date.now() + timeoutSeconds * 1000;
  for (const probe of probes) {
    for (;;) {
      signal.throwIfAborted();
      const fault = await tryProbe(probe, signal);
      if (fault === undefined) break;
      if (Date.now() >= until) throw notReady(sidecar, fault);
      await delay(INTERVAL_MS, undefined, { signal });
    }
  }
  log('sidecar', `${name} is ready`);
}

function notReady({ name, timeoutSeconds }: SidecarSpec, fault: string): StepFailure {
  return new StepFailure(
    `the sidecar ${name} was not ready within ${timeoutSeconds} s: ${fault}; ` +
      `its log says why (agentteam logs -c ${name}), and readiness.timeout sets how long to wait`,
    EXIT.invalid,
  );
}

/** @returns undefined if the probe succeeded, otherwise what was wrong. */
async function tryProbe(
  { port, path }: SidecarProbe,
  signal: AbortSignal,
): Promise<string | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  try {
    if (path === undefined) {
      await connects(port, limit);
      return undefined;
    }
    const status = await answered(port, path, limit);
    const succeeded = status >= 200 && status < 400;
    return succeeded ? undefined : `GET ${path} on port ${port} was answered with ${status}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ECONNREFUSED'
      ? `nothing listens on its port ${port}`
      : `its port ${port} does not answer (${code ?? message})`;
  }
}

async function connects(port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect', { signal });
  } finally {
    socket.destroy();
  }
}

/** @returns the status. A redirect is not followed. */
async function answered(port: number, path: string, signal: AbortSignal): Promise<number> {
  const request = get({ host: '127.0.0.1', port, path, agent: false, signal });
  try {
    const [response] = (await once(request, 'response')) as [{ readonly statusCode?: number }];
    return response.statusCode ?? 0;
  } finally {
    request.on('error', () => {}).destroy();
  }
}
