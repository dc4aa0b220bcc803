import { type ChecksSpec, EXIT, PATHS, type RequiredCheck, under } from '@agentteam/contract';
import { commandVariables } from '../environment/variables.ts';
import { failedChecks } from '../prompts/failed-checks.ts';
import { type Check, COMMAND_FIELDS, shownCommand } from '../quality-gates/check.ts';
import { detectChecks, SEARCHED_FOR } from '../quality-gates/detect.ts';
import { recordChecks } from '../records/checks.ts';
import { StepFailure } from '../step/failure.ts';
import { networkEnvironment } from '../step/gateway-access.ts';
import { mounted } from '../step/mounted.ts';
import { print } from '../step/print.ts';
import {
  type CheckResult,
  type CheckSurroundings,
  checkLines,
  runCheck,
  withScript,
} from './run.ts';
import { openWorkplace } from './workplace.ts';

export interface Rounds {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly spec: ChecksSpec;
  /** Gives the lead one turn to fix what failed. */
  readonly askLead: (message: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Runs the checks. After a failure the lead gets a turn and they run again, at most `spec.rounds`
 * times.
 * @throws StepFailure with `EXIT.checks` when the last round has failed.
 */
export async function runRounds({ root, env, spec, askLead, signal }: Rounds): Promise<void> {
  const workplace = await openWorkplace(root, spec, signal);
  const ownState = await mounted(root, PATHS.ownState);
  const surroundings: CheckSurroundings = {
    directory: workplace.directory,
    home: under(root, PATHS.home),
    cache: under(root, PATHS.cache),
    network: networkEnvironment(env),
    variables: await commandVariables(env, spec.lead, root),
    path: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    timeoutSeconds: spec.timeoutSeconds,
    signal,
  };
  for (let round = 1; ; round += 1) {
    await workplace.keep();
    const results = await runAll(spec, surroundings);
    await workplace.tidy();
    const failed = results.filter(({ passed }) => !passed);
    const lines = checkLines(results);
    await recordChecks(ownState, lines);
    if (failed.length === 0) return;
    if (round > spec.rounds) throw new StepFailure(lines, EXIT.checks);
    const details = failed.map((result) => ({
      line: checkLines([result]),
      output: result.output,
    }));
    await askLead(failedChecks(details, round, spec.rounds));
  }
}

async function runAll(
  spec: ChecksSpec,
  surroundings: CheckSurroundings,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const run = async (check: Check) => {
    print(`${check.kind}: ${shownCommand(check)} (${check.foundIn})`);
    const result = await runCheck(check, surroundings);
    results.push(result);
    print(`${result.output}\n${result.passed ? 'passed' : `FAILED: ${result.detail}`}`);
  };
  for (const { kind, command } of spec.checks) {
    const found =
      command === undefined
        ? await detectChecks(surroundings.directory, kind)
        : [givenCheck(kind, command)];
    if (found.length === 0) results.push(notFound(kind));
    for (const check of found) await run(check);
  }
  if (spec.validationScript.trim() !== '') await withScript(spec.validationScript, run);
  return results;
}

/** The command that the team's spec names, run by a shell. */
function givenCheck(kind: RequiredCheck, command: string): Check {
  const foundIn = COMMAND_FIELDS[kind];
  return { kind, command: ['sh', '-e', '-c', command], shown: command, foundIn };
}

/** A required check that the repository does not define counts as failed. */
function notFound(kind: RequiredCheck): CheckResult {
  const check: Check = { kind, command: ['(none found)'], foundIn: 'the repository' };
  const output = `No ${kind} command was found in the repository. The search covers ${SEARCHED_FOR}. Set ${COMMAND_FIELDS[kind]} to name the command.`;
  return { check, passed: false, detail: 'nothing to run', output };
}
