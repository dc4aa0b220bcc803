import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FILES, type GatewayAddress, type GatewayFailure, PATHS } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import {
  readGatewayAddress,
  readGatewayFailure,
  removeGatewayFailure,
  waitInDirectory,
} from '@agentteam/volume';
import { atEnd, type TestTeam } from './team.ts';

const PROGRAM = fileURLToPath(new URL('run-gateway.ts', import.meta.url));

/** The gateway as it runs beside an agent: a process of its own. */
export interface Process {
  readonly child: ChildProcess;
  readonly address: GatewayAddress;
  readonly output: () => string;
  /** Ends it in good order. */
  stop(): Promise<void>;
}

/**
 * @param shell commands for bash to run in the gateway's process before it.
 * @throws an error with all its output where it ends before it listens, and with its words where it
 * cannot serve.
 */
export async function launch(
  team: TestTeam,
  env: NodeJS.ProcessEnv,
  shell = ':',
): Promise<Process> {
  const directory = `${team.root}${PATHS.gateway}`;
  // In a new pod: what an earlier gateway has left is not there.
  await rm(`${directory}/${FILES.gateway}`, { force: true });
  return launchAgain(team, env, shell);
}

/** Starts it in the pod of an earlier one, as the kubelet does. */
export async function launchAgain(
  team: TestTeam,
  env: NodeJS.ProcessEnv,
  shell = ':',
): Promise<Process> {
  const directory = `${team.root}${PATHS.gateway}`;
  // What an earlier gateway has left is not taken for this one's word.
  await removeGatewayFailure(directory);
  const { instance } = (await readGatewayAddress(directory)) ?? {};
  const script = `${shell}; exec "$0" --conditions=source "$@"`;
  const child = spawn('bash', ['-c', script, process.execPath, PROGRAM], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Not at its exit: what it said last may still be on its way.
  const exited = once(child, 'close');
  atEnd(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const output = () => Buffer.concat(chunks).toString();
  const gone = new AbortController();
  child.once('close', () => gone.abort(new Error(`the gateway ended:\n${output()}`)));
  const read = async () => {
    const failure = await readGatewayFailure(directory);
    if (failure !== undefined) throw new GatewayFailed(failure);
    const address = await readGatewayAddress(directory);
    return address?.instance === instance ? undefined : address;
  };
  const address = await waitInDirectory(directory, read, { signal: gone.signal });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { child, address, output, stop };
}

/** A gateway runs, and said why it cannot serve. */
export class GatewayFailed extends Error {
  readonly failure: GatewayFailure;

  constructor(failure: GatewayFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The team's ledgers, as they are by now. */
export async function ledgerOf(team: TestTeam): Promise<LedgerReader> {
  const reader = new LedgerReader(team.root + PATHS.ledger);
  await reader.refresh();
  return reader;
}
