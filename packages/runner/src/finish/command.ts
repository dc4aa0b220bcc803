import { join } from 'node:path';
import { type FinishSpec, REPOSITORY } from '@agentteam/contract';
import { removeTrees } from '@agentteam/volume';
import { readChecks } from '../checks/record.ts';
import { readDelivery } from '../deliver/delivery.ts';
import { openRepository, RECORD_FILE } from '../git/repository.ts';
import { type Claim, openClaim } from '../step/claim.ts';
import { exists } from '../step/exists.ts';
import { explain, runStep } from '../step/failure.ts';
import { readTeam } from '../step/live.ts';
import { writeOutputs } from '../step/outputs.ts';
import { complain, say } from '../step/say.ts';
import { readSpec } from '../step/spec.ts';
import { readFailures } from './failures.ts';
import { notifyOfEnd } from './notify.ts';
import { outcomeOf } from './outcome.ts';
import { totalsProof } from './proof.ts';
import { reopenStates } from './reopen.ts';
import { keepResult } from './result-repository.ts';
import { summaryText } from './summary.ts';
import { totalsText } from './totals.ts';

/**
 * The last word on a team: what it did and cost, as JSON and as text.
 * @param argv the Workflow's status and its failures, as Argo says them.
 */
export function finishCommand(
  env: NodeJS.ProcessEnv,
  argv: string[],
  signal: AbortSignal,
): Promise<number> {
  return runStep('finish', env, async (root) => {
    const spec = readSpec<FinishSpec>(env);
    const claim = await openClaim(root, spec);
    const live = await readTeam(claim, spec.members, spec.budgetLimit);
    const delivery = await readDelivery(claim.directories.state);
    const [status = '', ...rest] = argv;
    const failures = readFailures(rest[0] ?? '');
    const outcome = outcomeOf(status, failures, spec, live, delivery);
    const notes = await keepRepository(root, spec, claim, outcome.reason === 'Completed', signal);
    const summary = [summaryText(live, outcome.words), ...notes].join('\n');
    const checks = spec.checked ? await readChecks(claim.directories.state) : undefined;
    const totals = totalsText(live);
    const outputs = {
      totals,
      ...(await totalsProof(root, env, spec, totals)),
      ...(checks !== undefined && { checks }),
    };
    await writeOutputs(root, { ...outputs, summary });
    say(summary);
    await notifyOfEnd(env, claim, spec, { live, outcome, failures, delivery, checks }, signal);
    await reopenStates(claim.directories.state, spec.members).catch(async (error: unknown) => {
      // The team's totals are written: that a retry is not prepared must not hide them.
      const note = `A retry is not prepared: ${explain(error)}`;
      complain(note);
      await writeOutputs(root, { summary: `${summary}\n${note}` });
    });
  });
}

/** Leaves the work of a coding team for people. That it cannot be left is no reason to say nothing. */
async function keepRepository(
  root: string,
  spec: FinishSpec,
  claim: Claim,
  isOver: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { state } = claim.directories;
  // Where setup has failed there is nothing to keep.
  if (spec.repository === undefined || !(await exists(join(state, RECORD_FILE)))) return [];
  try {
    const repository = await openRepository(root, spec, state);
    const notes = await keepResult(repository, signal);
    // No step of a team that has completed is repeated: the room is given back.
    const own = join(repository.directory, REPOSITORY.own);
    if (isOver) await removeTrees([own]);
    return notes;
  } catch (error) {
    signal.throwIfAborted();
    return [`The team's work could not be kept in ${REPOSITORY.result}: ${String(error)}`];
  }
}
