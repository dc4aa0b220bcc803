import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { ENV, EXIT, type GatewayAddress } from '@agentteam/contract';
import { readGatewayAddress, readGatewayFailure, waitInDirectory } from '@agentteam/volume';
import { StepFailure } from '../step/failure.ts';
import { HOLD_PATH } from '../step/gateway-access.ts';

/**
 * How long a gateway may take to start, or to restart. It starts in well under a second, but the kubelet
 * waits 10, 20 and then 40 s before it restarts a container that keeps exiting.
 */
const GATEWAY_MS = 60_000;

/** The log lines about an outage. */
export const OUTAGES = {
  ended: 'the gateway has exited; the agent waits until it is restarted',
  back: 'the gateway is back; the agent continues its session',
} as const;

/** A gateway that is serving its agent or is being restarted. */
export interface HeldGateway {
  readonly address: GatewayAddress;
  /** Aborts when the gateway has exited and does not come back; the reason is a StepFailure. */
  readonly lost: AbortSignal;
  /** How often the gateway has exited so far. */
  readonly outages: number;
  /** Resolves when the gateway is serving. @throws the reason of `lost`. */
  serving(): Promise<void>;
  /** Closes the request: from now on the gateway may exit. */
  release(): void;
}

export interface HoldOptions {
  /** Has the URL of the gateway for an agent with its own network. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Called when the gateway has exited, and when it is back. */
  readonly onOutage?: (stage: keyof typeof OUTAGES) => void;
}

/** A reply that stays open as long as the gateway's process runs. */
interface Hold {
  readonly address: GatewayAddress;
  readonly reply: IncomingMessage;
  end(): void;
}

/**
 * Waits for the gateway and holds a request to it open, which ends with the gateway's process. The kubelet or
 * the embedded engine restarts a gateway that has exited, with the same address and token. The agent keeps
 * running meanwhile, and repeats its requests. Only the gateway can write `gateway.json`, and it does so when
 * it listens; therefore a process that answers at the address of a new instance is the gateway.
 * @param directory where the gateway writes its address; the agent cannot write there.
 * @throws StepFailure if the gateway does not start in time, or says that it cannot serve.
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
      // A rejection reaches the callers of `serving`; everyone else watches `lost`.
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
 * Waits for a gateway that is serving.
 * @param previous the address of the gateway that has exited; its successor must have the same.
 */
async function findGateway(
  directory: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  previous?: GatewayAddress,
): Promise<Hold> {
  const late = AbortSignal.timeout(GATEWAY_MS);
  const either = AbortSignal.any([signal, late]);
  let exited = previous?.instance;
  try {
    for (;;) {
      const written = await nextInstance(directory, exited, previous !== undefined, either);
      const address = { ...written, url: env[ENV.gatewayUrl] ?? written.url };
      if (previous !== undefined && !isSame(address, previous)) {
        throw new StepFailure('the gateway exited, and came back at another address');
      }
      const hold = await tryHold(address, either);
      if (hold !== undefined) return hold;
      // This instance has exited already: the next one writes its address when it is serving.
      exited = written.instance;
    }
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    const what = previous === undefined ? 'did not start' : 'exited, and did not come back';
    const message = `the gateway (container "gateway") ${what} within ${GATEWAY_MS / 1000} s; see its log for the reason`;
    throw new StepFailure(message, EXIT.failed, error);
  }
}

/** Whether the agent reaches both gateways in the same way. */
function isSame(one: GatewayAddress, other: GatewayAddress): boolean {
  return one.url === other.url && one.token === other.token;
}

function nextInstance(
  directory: string,
  exited: string | undefined,
  isRestart: boolean,
  signal: AbortSignal,
): Promise<GatewayAddress> {
  const read = async () => {
    const failure = await readGatewayFailure(directory);
    if (failure !== undefined) {
      const before = isRestart ? 'the gateway exited and was restarted: ' : '';
      throw new StepFailure(`${before}${failure.message}`, failure.exitCode);
    }
    const address = await readGatewayAddress(directory);
    return address?.instance === exited ? undefined : address;
  };
  return waitInDirectory(directory, read, { signal });
}

/**
 * @returns undefined if nothing answers.
 * @throws StepFailure if the process that answers is not a working gateway.
 */
async function tryHold(address: GatewayAddress, signal: AbortSignal): Promise<Hold | undefined> {
  const asked = request(`${address.url}${HOLD_PATH}`, {
    agent: false,
    headers: { 'x-api-key': address.token },
  });
  // An error after the reply has begun is followed by `close`, which ends the hold.
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
    const answer = `it answered with status ${reply.statusCode}`;
    throw new StepFailure(
      `the gateway (container "gateway") is not serving: ${answer}`,
      EXIT.failed,
    );
  }
  reply.on('error', () => {});
  reply.resume();
  return { address, reply, end };
}
