import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitInDirectory } from '@agentteam/volume';
import { agentteamArguments } from '../commands/agentteam.ts';

/** A team whose writer can work for as long as a test wants, so that people can take part meanwhile. */
export const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: people }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: writer, prompt: Write a file. }]
`;

/** The writer creates `busy` and waits for `go` in its directory. */
const SCRIPT = `
agents:
  writer:
    turns:
      - text: I wait for the file.
        tools:
          - name: Bash
            input: { command: "echo x > busy; until [ -e go ]; do sleep 0.1; done" }
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Written. } }]
      - text: done
`;

/** Writes the team and its script to a directory. */
export async function writeWaitingTeam(cwd: string): Promise<void> {
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  await writeFile(join(cwd, 'rehearsal.yaml'), SCRIPT);
}

/** @param volume the team's volume. Resolves when the writer waits. */
export async function writerIsBusy(volume: string): Promise<void> {
  const work = join(volume, 'work/writer');
  const found = async () => {
    const names = await readdir(work).catch(() => [] as string[]);
    return names.includes('busy') || undefined;
  };
  await waitInDirectory(work, found, { signal: AbortSignal.timeout(120_000) });
}

/** @param volume the team's volume. Lets the writer continue. */
export const letWriterContinue = (volume: string): Promise<void> =>
  writeFile(join(volume, 'work/writer/go'), '');

/** Starts `agentteam` and keeps what it prints. */
export function start(cwd: string, args: readonly string[]) {
  const child = spawn(process.execPath, [...agentteamArguments, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return { child, exited: once(child, 'exit'), output: () => output };
}
