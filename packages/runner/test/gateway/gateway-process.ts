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

/** The gateway in its own process, as beside an agent. */
export interface Process {
  readonly child: ChildProcess;
  readonly address: GatewayAddress;
  readonly output: () => string;
  /** Stops it with SIGTERM. */
  stop(): Promise<void>;
}

/**
 * @param shell commands for bash to run in the gateway's process first.
 * @throws Error with all output if it ends before it listens, and with its message if it cannot
 * serve.
 */
export async function launch(
  team: TestTeam,
  env: NodeJS.ProcessEnv,
  shell = ':',
): Promise<Process> {
  const directory = `${team.root}${PATHS.gateway}`;
  // A new pod: files of an earlier gateway do not exist.
  await rm(`${directory}/${FILES.gateway}`, { force: true });
  return launchAgain(team, env, shell);
}

/** Starts the gateway in the pod of an earlier one, as the kubelet does. */
export async function launchAgain(
  team: TestTeam,
  env: NodeJS.ProcessEnv,
  shell = ':',
): Promise<Process> {
  const directory = `${team.root}${PATHS.gateway}`;
  // Do not read the files of an earlier gateway.
  await removeGatewayFailure(directory);
  const { instance } = (await readGatewayAddress(directory)) ?? {};
  const script = `${shell}; exec "$0" --conditions=source "$@"`;
  const child = spawn('bash', ['-c', script, process.execPath, PROGRAM], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Wait for `close`, not `exit`: its last output may still be in the pipe.
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

/** A gateway is running, and has reported why it cannot serve. */
export class GatewayFailed extends Error {
  readonly failure: GatewayFailure;

  constructor(failure: GatewayFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The current entries of the team's ledgers. */
export async function ledgerOf(team: TestTeam): Promise<LedgerReader> {
  const reader = new LedgerReader(team.root + PATHS.ledger);
  await reader.refresh();
  return reader;
}
