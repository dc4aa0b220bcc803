import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type GatewayAddress, PATHS } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { readGatewayAddress, waitInDirectory } from '@agentteam/volume';
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
 * @throws an error with all its output where it ends before it listens.
 */
export async function launch(
  team: TestTeam,
  env: NodeJS.ProcessEnv,
  shell = ':',
): Promise<Process> {
  const directory = `${team.root}${PATHS.gateway}`;
  // An earlier gateway's address lies there until the new one listens.
  const stale = (await readGatewayAddress(directory))?.token;
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
    const address = await readGatewayAddress(directory);
    return address?.token === stale ? undefined : address;
  };
  const address = await waitInDirectory(directory, read, { signal: gone.signal });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { child, address, output, stop };
}

/** The team's ledgers, as they are by now. */
export async function ledgerOf(team: TestTeam): Promise<LedgerReader> {
  const reader = new LedgerReader(team.root + PATHS.ledger);
  await reader.refresh();
  return reader;
}
