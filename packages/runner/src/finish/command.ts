import { join } from 'node:path';
import { EXIT, type FinishSpec, PATHS, REPOSITORY, type TeamLive } from '@agentteam/contract';
import { removeTeamPause, removeTrees } from '@agentteam/volume';
import { openRepository, RECORD_FILE } from '../git/repository.ts';
import { readChecks } from '../records/checks.ts';
import { readDelivery } from '../records/delivery.ts';
import { type Claim, openClaim } from '../step/claim.ts';
import { exists } from '../step/exists.ts';
import { explain, runStep, StepFailure } from '../step/failure.ts';
import { mounted } from '../step/mounted.ts';
import { writeOutputs } from '../step/outputs.ts';
import { print, printError } from '../step/print.ts';
import { readSpec } from '../step/spec.ts';
import { readEndedTeam, recordEndedTeam } from './ended-team.ts';
import { type Failure, readFailures } from './failures.ts';
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
    const [status = '', ...rest] = argv;
    const failures = readFailures(rest[0] ?? '');
    const live = await readEndedTeam(claim, spec, failures);
    const delivery = await readDelivery(claim.directories.state);
    const outcome = outcomeOf(status, failures, spec, live, delivery);
    const kept = await keepRepository(root, spec, claim, outcome.reason === 'Completed', signal);
    const summary = [summaryText(live, outcome.summary), ...kept.notes].join('\n');
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
    await reopen(claim, spec, live, failures).catch(async (error: unknown) => {
      // The totals are written already, and this failure must not hide them.
      const note = `The team could not be prepared for a retry: ${explain(error)}`;
      printError(note);
      await writeOutputs(root, { summary: `${summary}\n${note}` });
    });
    // Work that was delivered is not lost.
    if (kept.failure !== undefined && delivery?.branch === undefined) throw kept.failure;
  });
}

async function reopen(
  { directories: { state } }: Claim,
  { members }: FinishSpec,
  live: TeamLive,
  failures: readonly Failure[],
): Promise<void> {
  await recordEndedTeam(state, live, failures);
  await reopenStates(state, members);
}

interface KeptWork {
  /** What people should know about the work that was kept. */
  readonly notes: readonly string[];
  /** Why the work is not kept, if another attempt may keep it. */
  readonly failure?: StepFailure;
}

/** Keeps the work of a coding team for people. A failure becomes a note, so that the rest is reported. */
async function keepRepository(
  root: string,
  spec: FinishSpec,
  claim: Claim,
  isCompleted: boolean,
  signal: AbortSignal,
): Promise<KeptWork> {
  const { state } = claim.directories;
  // If setup failed, there is nothing to keep.
  if (spec.repository === undefined || !(await exists(join(state, RECORD_FILE)))) {
    return { notes: [] };
  }
  try {
    const repository = await openRepository(root, spec, state);
    const notes = await keepResult(repository, signal);
    // A completed team is never retried: free the space of the agents' repositories.
    const own = join(repository.directory, REPOSITORY.own);
    if (isCompleted) await removeTrees([own]);
    return { notes };
  } catch (error) {
    signal.throwIfAborted();
    const note = `The team's work could not be kept in ${REPOSITORY.result}: ${explain(error)}`;
    const isFinal = error instanceof StepFailure && error.exitCode !== EXIT.failed;
    return {
      notes: [note],
      ...(!isFinal && { failure: new StepFailure(note, EXIT.failed, error) }),
    };
  }
}
