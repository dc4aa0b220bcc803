import { writeFile } from 'node:fs/promises';
import { type ChecksSpec, EXIT, PATHS, under } from '@agentteam/contract';
import { runStep, StepFailure } from '../step/failure.ts';
import { writeOutputs } from '../step/outputs.ts';
import { networkEnvironment, openGatewayPort } from '../step/own-network.ts';
import { say } from '../step/say.ts';
import { readSpec } from '../step/spec.ts';
import type { Check, CheckKind } from './check.ts';
import { detectChecks, LOOKED_FOR } from './detect.ts';
import type { LeadRound } from './lead-round.ts';
import { CHECKS_FILE } from './record.ts';
import { checkLines, failureMessage } from './report.ts';
import { type CheckResult, type CheckSurroundings, runCheck, withScript } from './run.ts';
import { openWorkplace } from './workplace.ts';

/**
 * Checks the result, and lets the lead put right what fails, as often as the spec says.
 * @param leadRound absent: failures are final.
 */
export function checksCommand(
  given: NodeJS.ProcessEnv,
  _argv: string[],
  signal: AbortSignal,
  leadRound?: LeadRound,
): Promise<number> {
  return runStep('checks', given, async (root) => {
    const env = await openGatewayPort(given);
    const spec = readSpec<ChecksSpec>(env);
    const workplace = await openWorkplace(root, spec, signal);
    const surroundings: CheckSurroundings = {
      directory: workplace.directory,
      home: under(root, PATHS.home),
      cache: under(root, PATHS.cache),
      network: networkEnvironment(env),
      path: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      signal,
    };
    for (let round = 1; ; round += 1) {
      await workplace.keep();
      const results = await runAll(spec, surroundings);
      await workplace.tidy();
      const failed = results.filter(({ passed }) => !passed);
      const lines = checkLines(results);
      await writeOutputs(root, { checks: lines });
      if (failed.length === 0) return writeFile(recordFile(root), lines);
      if (round > spec.rounds || leadRound === undefined) throw new StepFailure(lines, EXIT.checks);
      await leadRound(spec.lead, failureMessage(failed, round, spec.rounds), env, signal);
    }
  });
}

async function runAll(
  spec: ChecksSpec,
  surroundings: CheckSurroundings,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const run = async (check: Check) => {
    say(`${check.kind}: ${check.command.join(' ')} (${check.foundIn})`);
    const result = await runCheck(check, surroundings);
    results.push(result);
    say(`${result.output}\n${result.passed ? 'passed' : `FAILED: ${result.how}`}`);
  };
  const kinds = [
    ...(spec.requireTests ? (['test'] as const) : []),
    ...(spec.requireLint ? (['lint'] as const) : []),
  ];
  for (const kind of kinds) {
    const found = await detectChecks(surroundings.directory, kind);
    if (found.length === 0) results.push(nothingFound(kind));
    for (const check of found) await run(check);
  }
  if (spec.validationScript.trim() !== '') await withScript(spec.validationScript, run);
  return results;
}

/** What is required and not there has failed: silence would pass for success. */
function nothingFound(kind: CheckKind): CheckResult {
  const check: Check = { kind, command: ['(none found)'], foundIn: 'the repository' };
  const output = `The team must have a passing ${kind}, and the repository has none. Looked for: ${LOOKED_FOR}.`;
  return { check, passed: false, how: 'nothing to run', output };
}

function recordFile(root: string): string {
  return `${under(root, PATHS.session)}/${CHECKS_FILE}`;
}
