import { join } from 'node:path';
import { type FinishSpec, PATHS, REPOSITORY } from '@agentteam/contract';
import { removeTeamPause, removeTrees } from '@agentteam/volume';
import { openRepository, RECORD_FILE } from '../git/repository.ts';
import { readChecks } from '../records/checks.ts';
import { readDelivery } from '../records/delivery.ts';
import { type Claim, openClaim } from '../step/claim.ts';
import { exists } from '../step/exists.ts';
import { explain, runStep } from '../step/failure.ts';
import { mounted } from '../step/mounted.ts';
import { writeOutputs } from '../step/outputs.ts';
import { print, printError } from '../step/print.ts';
import { readSpec } from '../step/spec.ts';
import { readTeamLive } from '../step/team-live.ts';
import { readFailures } from './failures.ts';
import { notifyOfEnd } from './notify.ts';
import { outcomeOf } from './outcome.ts';
import { reopenStates } from './reopen.ts';
import { writeReport } from './report.ts';
import { keepResult } from './result-repository.ts';
import { summaryText } from './summary.ts';
import { totalsProof, totalsText } from './totals.ts';

/**
 * `agentteam-runner finish`: writes what a team did and cost, as JSON and as text, and sends the
 * notification.
 * @param argv the Workflow's status and its failures, in Argo's format.
 */
export function finishCommand(
  env: NodeJS.ProcessEnv,
  argv: string[],
  signal: AbortSignal,
): Promise<number> {
  return runStep('finish', env, async (root) => {
    const spec = readSpec<FinishSpec>(env);
    const claim = await openClaim(root, spec);
    const live = await readTeamLive(claim, spec.members, spec.budgetLimit);
    const delivery = await readDelivery(claim.directories.state);
    const [status = '', ...rest] = argv;
    const failures = readFailures(rest[0] ?? '');
    const outcome = outcomeOf(status, failures, spec, live, delivery);
    const notes = await keepRepository(root, spec, claim, outcome.reason === 'Completed', signal);
    const summary = [summaryText(live, outcome.summary), ...notes].join('\n');
    const checks = spec.checked ? await readChecks(claim.directories.state) : undefined;
    const totals = totalsText(live);
    const outputs = {
      totals,
      ...(await totalsProof(root, env, spec, totals)),
      ...(checks !== undefined && { checks }),
    };
    await writeOutputs(root, { ...outputs, summary });
    print(summary);
    const results = await mounted(root, PATHS.results);
    const output = (await exists(results)) ? results : undefined;
    const ended = { live, outcome, delivery, checks };
    await writeReport(claim, spec, ended, output).catch((error: unknown) => {
      printError(`The report could not be written: ${explain(error)}`);
    });
    await notifyOfEnd(env, claim, spec, { live, outcome, failures, delivery, checks }, signal);
    // A retry must not begin paused.
    await removeTeamPause(claim.directories.control).catch((error: unknown) => {
      printError(`The pause of the team could not be ended: ${explain(error)}`);
    });
    await reopenStates(claim.directories.state, spec.members).catch(async (error: unknown) => {
      // The totals are written already, and this failure must not hide them.
      const note = `The team could not be prepared for a retry: ${explain(error)}`;
      printError(note);
      await writeOutputs(root, { summary: `${summary}\n${note}` });
    });
  });
}

/** Keeps the work of a coding team for people. A failure becomes a note, so that the rest is reported. */
async function keepRepository(
  root: string,
  spec: FinishSpec,
  claim: Claim,
  isCompleted: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { state } = claim.directories;
  // If setup failed, there is nothing to keep.
  if (spec.repository === undefined || !(await exists(join(state, RECORD_FILE)))) return [];
  try {
    const repository = await openRepository(root, spec, state);
    const notes = await keepResult(repository, signal);
    // A completed team is never retried: free the space of the agents' repositories.
    const own = join(repository.directory, REPOSITORY.own);
    if (isCompleted) await removeTrees([own]);
    return notes;
  } catch (error) {
    signal.throwIfAborted();
    return [`The team's work could not be kept in ${REPOSITORY.result}: ${explain(error)}`];
  }
}
