import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { ENV, EXIT, type GatewayAddress } from '@agentteam/contract';
import { readGatewayAddress, readGatewayFailure, waitInDirectory } from '@agentteam/volume';
import { HOLD_PATH } from '../gateway/hold.ts';
import { StepFailure } from '../step/failure.ts';
import type { Ending } from './ending.ts';

/** A gateway starts in well under a second; a minute is a machine that does nothing else. */
const GATEWAY_MS = 60_000;

/** How an attempt ends whose gateway has ended before it: another attempt has a new one. */
export const GATEWAY_LOST: Ending & { readonly message: string } = {
  exitCode: EXIT.failed,
  message:
    'the gateway ended while the agent was at work; nothing that the agent spends could be counted any more, so this attempt ends',
};

/** A gateway that is known to serve, for as long as it does. */
export interface HeldGateway {
  readonly address: GatewayAddress;
  /** Aborts as soon as the gateway has ended, whatever ended it. */
  readonly lost: AbortSignal;
  /** Lets go of it: its end is expected from now on. */
  release(): void;
}

/**
 * Waits for the gateway, and holds a request to it open. The request ends with the gateway's process,
 * and there is no second one within an attempt: whatever listens on its port later is not trusted.
 * @param directory in which the gateway writes its address, and the agent cannot.
 * @param env names the port that leads to the gateway, for an agent with a network of its own.
 * @throws StepFailure when it does not come, or says that it cannot serve.
 */
export async function holdGateway(
  directory: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<HeldGateway> {
  const written = await waitForGateway(directory, signal);
  const address = { ...written, url: env[ENV.gatewayUrl] ?? written.url };
  const asked = request(`${address.url}${HOLD_PATH}`, {
    agent: false,
    headers: { 'x-api-key': address.token },
  });
  // Errors after the reply has begun are followed by `close`, which is what counts.
  asked.on('error', () => {});
  asked.end();
  const refused = (why: string, cause?: unknown) =>
    new StepFailure(`the gateway (container "gateway") does not serve: ${why}`, EXIT.failed, cause);
  const [reply] = (await once(asked, 'response', { signal }).catch((error: Error) => {
    asked.destroy();
    signal.throwIfAborted();
    throw refused(error.message, error);
  })) as [IncomingMessage];
  if (reply.statusCode !== 200) {
    asked.destroy();
    throw refused(`it answered ${reply.statusCode}`);
  }
  const lost = new AbortController();
  reply.on('error', () => {});
  reply.once('close', () => lost.abort());
  reply.resume();
  return {
    address,
    lost: lost.signal,
    release() {
      reply.removeAllListeners('close');
      asked.destroy();
    },
  };
}

async function waitForGateway(directory: string, signal: AbortSignal): Promise<GatewayAddress> {
  const late = AbortSignal.timeout(GATEWAY_MS);
  const either = AbortSignal.any([signal, late]);
  const read = async () => {
    const failure = await readGatewayFailure(directory);
    if (failure !== undefined) {
      throw new StepFailure(failure.message, failure.exitCode);
    }
    return readGatewayAddress(directory);
  };
  try {
    return await waitInDirectory(directory, read, { signal: either });
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    const words = `the gateway (container "gateway") did not start within ${GATEWAY_MS / 1000} s; its log says why`;
    throw new StepFailure(words, EXIT.failed, error);
  }
}
