import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { aggregate } from '@agentteam/ledger';
import { runDirectory } from '@agentteam/local';
import { teamExitCode } from '@agentteam/status';
import { findFiles, removeTrees } from '@agentteam/volume';
import { type Context, note } from '../context.ts';
import { CLI_EXIT } from '../exit.ts';
import { printEnding } from '../output/view/print-ending.ts';
import type { LocalTeam } from '../teams/local/local-team.ts';
import type { HostedTeam } from '../teams/team-host.ts';

/** Prints how the run ended. @returns the exit code. */
export async function concludeRun(
  context: Context,
  team: LocalTeam,
  hosted: HostedTeam,
  json: boolean,
): Promise<number> {
  const { run, output, options } = team.record;
  const exitCode = teamExitCode(hosted.status);
  if (exitCode === undefined || hosted.workflow.status?.finishedAt === undefined) {
    note(
      context,
      `${run} was interrupted, and its work is kept.`,
      `To continue it, run: agentteam resume ${team.reference}`,
      'The time until then does not count towards its timeout.',
    );
    return CLI_EXIT.interrupted;
  }
  const cost = aggregate((await team.ledger()).entries());
  const { files, cut } = output === undefined ? { files: [], cut: false } : await findFiles(output);
  printEnding(context, { hosted, cost, files, moreFiles: cut }, exitCode, json);
  if (exitCode === CLI_EXIT.completed && !options.keep) {
    await removePodFiles(team.directory).catch((error: Error) =>
      note(context, `! ${error.message}`),
    );
  }
  return exitCode;
}

/** Removes the private files of pods (HOME, /tmp, links to mounts). Their logs are kept. */
async function removePodFiles(directory: string): Promise<void> {
  const { pods } = runDirectory(directory);
  for (const pod of await readdir(pods)) {
    const entries = await readdir(join(pods, pod), { withFileTypes: true });
    const directories = entries.filter((entry) => entry.isDirectory());
    await removeTrees(directories.map(({ name }) => join(pods, pod, name)));
  }
}
