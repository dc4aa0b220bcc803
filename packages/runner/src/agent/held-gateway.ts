import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { ENV, EXIT, type GatewayAddress } from '@agentteam/contract';
import { readGatewayAddress, readGatewayFailure, waitInDirectory } from '@agentteam/volume';
import { StepFailure } from '../step/failure.ts';
import { HOLD_PATH } from '../step/gateway-access.ts';

/**
 * How long a gateway may take to start, and to come back. It starts in well under a second; the kubelet
 * waits 10, 20 and then 40 s before it starts a container again that keeps ending.
 */
const GATEWAY_MS = 60_000;

/** What a log says of an outage. */
export const OUTAGES = {
  ended: 'the gateway has ended; the agent waits until it is started again',
  back: 'the gateway serves again; the agent goes on in its session',
} as const;

/** A gateway that serves its agent, or is being started again. */
export interface HeldGateway {
  readonly address: GatewayAddress;
  /** Aborts when the gateway has ended and does not come back; the reason is a StepFailure. */
  readonly lost: AbortSignal;
  /** How often it has ended so far. */
  readonly outages: number;
  /** Resolves when it serves. @throws the reason of `lost`. */
  serving(): Promise<void>;
  /** Lets go of it: its end is expected from now on. */
  release(): void;
}

export interface HoldOptions {
  /** Names the port that leads to the gateway, for an agent with a network of its own. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Called when the gateway has ended, and when it serves again. */
  readonly onOutage?: (stage: keyof typeof OUTAGES) => void;
}

/** A reply that stays open as long as the gateway's process lives. */
interface Hold {
  readonly address: GatewayAddress;
  readonly reply: IncomingMessage;
  end(): void;
}

/**
 * Waits for the gateway and holds a request to it open, which ends with the gateway's process. A gateway
 * that has ended is started again by whoever runs the pod, with the same address and token: the agent
 * goes on meanwhile, and asks again. Only the gateway can write `gateway.json`, and it does so when it
 * listens, so what answers at the address of a new instance is the gateway.
 * @param directory in which the gateway writes its address, and the agent cannot.
 * @throws StepFailure when it does not come, or says that it cannot serve.
 */
export async function holdGateway(
  directory: string,
  { env, signal, onOutage = () => {} }: HoldOptions,
): Promise<HeldGateway> {
  const released = new AbortController();
  const over = AbortSignal.any([signal, released.signal]);
  const lost = new AbortController();
  let hold = await findGateway(directory, env, over);
  const { address } = hold;
  let outages = 0;
  let back: Promise<void> = Promise.resolve();

  const follow = (): void => {
    hold.reply.once('close', () => {
      if (over.aborted) return;
      outages += 1;
      back = comeBack();
      // Those who wait for it hear of it; the others see that it is lost.
      back.catch(() => {});
    });
  };
  const comeBack = async (): Promise<void> => {
    onOutage('ended');
    try {
      hold = await findGateway(directory, env, over, hold.address);
    } catch (error) {
      if (!over.aborted) lost.abort(error);
      throw error;
    }
    follow();
    onOutage('back');
  };
  follow();
  return {
    address,
    lost: lost.signal,
    get outages() {
      return outages;
    },
    serving: () => back,
    release() {
      released.abort();
      hold.end();
    },
  };
}

/**
 * Waits for a gateway that serves.
 * @param ended the address of the one that has ended; its successor keeps it, so that the agent finds it.
 */
async function findGateway(
  directory: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  ended?: GatewayAddress,
): Promise<Hold> {
  const late = AbortSignal.timeout(GATEWAY_MS);
  const either = AbortSignal.any([signal, late]);
  let gone = ended?.instance;
  try {
    for (;;) {
      const written = await nextInstance(directory, gone, ended !== undefined, either);
      const address = { ...written, url: env[ENV.gatewayUrl] ?? written.url };
      if (ended !== undefined && (address.url !== ended.url || address.token !== ended.token)) {
        throw new StepFailure('the gateway ended, and has come back at another address');
      }
      const hold = await tryHold(address, either);
      if (hold !== undefined) return hold;
      // It has ended already: the next one writes its address when it serves.
      gone = written.instance;
    }
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    const what = ended === undefined ? 'did not start' : 'ended, and has not come back';
    const words = `the gateway (container "gateway") ${what} within ${GATEWAY_MS / 1000} s; its log says why`;
    throw new StepFailure(words, EXIT.failed, error);
  }
}

function nextInstance(
  directory: string,
  gone: string | undefined,
  isAgain: boolean,
  signal: AbortSignal,
): Promise<GatewayAddress> {
  const read = async () => {
    const failure = await readGatewayFailure(directory);
    if (failure !== undefined) {
      const before = isAgain ? 'the gateway ended and was started again: ' : '';
      throw new StepFailure(`${before}${failure.message}`, failure.exitCode);
    }
    const address = await readGatewayAddress(directory);
    return address?.instance === gone ? undefined : address;
  };
  return waitInDirectory(directory, read, { signal });
}

/** @returns undefined where nothing answers. @throws StepFailure for an answer that is not the gateway's. */
async function tryHold(address: GatewayAddress, signal: AbortSignal): Promise<Hold | undefined> {
  const asked = request(`${address.url}${HOLD_PATH}`, {
    agent: false,
    headers: { 'x-api-key': address.token },
  });
  // Errors after the reply has begun are followed by `close`, which is what counts.
  asked.on('error', () => {});
  asked.end();
  const end = () => asked.destroy();
  let reply: IncomingMessage;
  try {
    [reply] = (await once(asked, 'response', { signal })) as [IncomingMessage];
  } catch {
    end();
    signal.throwIfAborted();
    return undefined;
  }
  if (reply.statusCode !== 200) {
    end();
    const why = `it answered ${reply.statusCode}`;
    throw new StepFailure(`the gateway (container "gateway") does not serve: ${why}`, EXIT.failed);
  }
  reply.on('error', () => {});
  reply.resume();
  return { address, reply, end };
}
