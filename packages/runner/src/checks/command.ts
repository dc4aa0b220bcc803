import { type ChecksSpec, EXIT, PATHS, type RequiredCheck, under } from '@agentteam/contract';
import { runStep, StepFailure } from '../step/failure.ts';
import { mounted } from '../step/mounted.ts';
import { networkEnvironment, openGatewayPort } from '../step/own-network.ts';
import { say } from '../step/say.ts';
import { readSpec } from '../step/spec.ts';
import { type Check, COMMAND_FIELDS, shownCommand } from './check.ts';
import { detectChecks, LOOKED_FOR } from './detect.ts';
import type { LeadRounds, OpenLeadRounds } from './lead-rounds.ts';
import { recordChecks } from './record.ts';
import { checkLines, failureMessage } from './report.ts';
import { type CheckResult, type CheckSurroundings, runCheck, withScript } from './run.ts';
import { openWorkplace } from './workplace.ts';

/**
 * Checks the result, and lets the lead put right what fails, as often as the spec says.
 * @param openLeadRounds absent: failures are final.
 */
export function checksCommand(
  given: NodeJS.ProcessEnv,
  _argv: string[],
  signal: AbortSignal,
  openLeadRounds?: OpenLeadRounds,
): Promise<number> {
  return runStep('checks', given, async (root) => {
    const env = await openGatewayPort(given);
    const spec = readSpec<ChecksSpec>(env);
    // Before anything of the repository's runs here: nothing has touched the gateway's port yet.
    const lead = await openLeadRounds?.(spec.lead, env, signal);
    try {
      await runRounds(root, env, spec, lead, signal);
    } finally {
      lead?.close();
    }
  });
}

async function runRounds(
  root: string,
  env: NodeJS.ProcessEnv,
  spec: ChecksSpec,
  lead: LeadRounds | undefined,
  signal: AbortSignal,
): Promise<void> {
  const workplace = await openWorkplace(root, spec, signal);
  const ownState = await mounted(root, PATHS.ownState);
  const surroundings: CheckSurroundings = {
    directory: workplace.directory,
    home: under(root, PATHS.home),
    cache: under(root, PATHS.cache),
    network: networkEnvironment(env),
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
    if (round > spec.rounds || lead === undefined) throw new StepFailure(lines, EXIT.checks);
    await lead.run(failureMessage(failed, round, spec.rounds));
  }
}

async function runAll(
  spec: ChecksSpec,
  surroundings: CheckSurroundings,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const run = async (check: Check) => {
    say(`${check.kind}: ${shownCommand(check)} (${check.foundIn})`);
    const result = await runCheck(check, surroundings);
    results.push(result);
    say(`${result.output}\n${result.passed ? 'passed' : `FAILED: ${result.how}`}`);
  };
  for (const { kind, command } of spec.checks) {
    const found =
      command === undefined
        ? await detectChecks(surroundings.directory, kind)
        : [givenCheck(kind, command)];
    if (found.length === 0) results.push(nothingFound(kind));
    for (const check of found) await run(check);
  }
  if (spec.validationScript.trim() !== '') await withScript(spec.validationScript, run);
  return results;
}

/** What the team's spec says, as a shell runs it. */
function givenCheck(kind: RequiredCheck, command: string): Check {
  const foundIn = COMMAND_FIELDS[kind];
  return { kind, command: ['sh', '-e', '-c', command], shown: command, foundIn };
}

/** What is required and not there has failed: silence would pass for success. */
function nothingFound(kind: RequiredCheck): CheckResult {
  const check: Check = { kind, command: ['(none found)'], foundIn: 'the repository' };
  const output = `The repository has no ${kind} that could be run. Looked for: ${LOOKED_FOR}. Set ${COMMAND_FIELDS[kind]} to say what to run.`;
  return { check, passed: false, how: 'nothing to run', output };
}
