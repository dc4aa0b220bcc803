import { type AgentPhase, type AgentSpec, ENV, EXIT, FINAL_EXITS } from '@agentteam/contract';
import { readStateIn, removeMember, updateMember } from '@agentteam/volume';
import { writeTerminationMessage } from '../step/failure.ts';
import { openGatewayPort } from '../step/gateway-access.ts';
import { readSpec } from '../step/spec.ts';
import type { AgentCli } from './agent-cli.ts';
import { runAttempt } from './attempt.ts';
import { claudeCode } from './claude-code/claude-code.ts';
import { type AgentDirectories, directoriesOf } from './directories.ts';
import { log } from './log.ts';
import { sendIdleNotice } from './member/idle-notice.ts';
import { isOutdated, OwnState } from './own-state.ts';
import { phaseOf, type StepResult } from './step-result.ts';
import { ignoreBlockedFile } from './team-files.ts';

/**
 * `agentteam-runner agent`: runs one agent as a member of its team until its step ends.
 * @returns the exit code of the step.
 */
export async function agentCommand(
  given: NodeJS.ProcessEnv,
  _argv: readonly string[],
  signal: AbortSignal,
  cli: AgentCli = claudeCode,
): Promise<number> {
  const env = await openGatewayPort(given);
  const spec = readSpec<AgentSpec>(env);
  const root = env[ENV.root] ?? '';
  const directories = await directoriesOf(root, spec);
  const before = await readStateIn(directories.ownState, spec.name);
  // Argo runs a step again if it did not learn of its end. The work is done.
  if (before?.phase === 'completed' && !isOutdated(before, spec.work)) return EXIT.ok;

  const state = await OwnState.begin(directories, spec, Number(env[ENV.attempt] ?? 0));
  const result = await runAttempt({ cli, spec, root, directories, env, state, signal });
  const { exitCode, message, report } = result;
  const isFinal = FINAL_EXITS.includes(exitCode) || state.value.attempt >= spec.maxRestarts;
  const phase = phaseOf(result, isFinal);
  if (message !== undefined) log('end', message);
  if (exitCode !== EXIT.ok) {
    const reason = message ?? `exited with code ${exitCode}`;
    await writeTerminationMessage(root, reason);
    await state.end(phase, { message: reason, ...(report !== undefined && { report }) });
  }
  if (spec.role === 'teammate') await notifyLead({ spec, directories }, state, phase, result);
  const left =
    phase === 'failed' || phase === 'completed'
      ? removeMember(directories.native, spec.name)
      : updateMember(directories.native, spec.name, { isActive: false });
  await left.catch(ignoreBlockedFile);
  return exitCode;
}

/** Tells the lead how a teammate has ended, with its report, so that both wake the lead only once. */
async function notifyLead(
  parts: { readonly spec: AgentSpec; readonly directories: AgentDirectories },
  { value }: OwnState,
  phase: AgentPhase,
  { leadIsInformed = false }: StepResult,
): Promise<void> {
  const { report = '', message = '' } = value;
  if (phase === 'completed') {
    await sendIdleNotice(parts, { idleReason: 'available', result: report, quiet: leadIsInformed });
  }
  if (phase === 'failed') {
    await sendIdleNotice(parts, { idleReason: 'failed', failureReason: message });
  }
}
