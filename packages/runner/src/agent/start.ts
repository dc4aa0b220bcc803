import { realpath } from 'node:fs/promises';
import { type AgentSpec, type AgentState, ALL_ENDED, PATHS, under } from '@agentteam/contract';
import { type Delivery, Journal, listTasks, readAgentStates } from '@agentteam/volume';
import type { CommandVariables } from '../environment/variables.ts';
import { describeConflictingWork } from '../prompts/conflicts.ts';
import { firstPrompt } from '../prompts/first-prompt.ts';
import { REPORT_TOO_EARLY } from '../prompts/report-tool.ts';
import { PLAN_ACCEPTED, RESTARTED, retryAfterFailure, workChanged } from '../prompts/resume.ts';
import { systemPrompt } from '../prompts/system-prompt.ts';
import { networkEnvironment } from '../step/gateway-access.ts';
import type { ActivityRecorder } from './activity.ts';
import type { AgentCli, AgentProcess } from './agent-cli.ts';
import { type AgentDirectories, machinePaths } from './directories.ts';
import type { HeldGateway } from './held-gateway.ts';
import { log } from './log.ts';
import type { ChangeNotifier } from './member/change-notifier.ts';
import { Conversation } from './member/conversation.ts';
import type { OwnState } from './own-state.ts';
import { QuestionDesk } from './questions/question-desk.ts';
import { failureOf, makeReportTool, type RecordReport } from './report-tool.ts';
import { describeOwnTask, joinRoster } from './team-files.ts';
import type { Worktree } from './worktree.ts';

export interface AgentParts {
  readonly cli: AgentCli;
  readonly spec: AgentSpec;
  readonly directories: AgentDirectories;
  readonly gateway: HeldGateway;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly variables: CommandVariables;
  readonly sessionId: string;
  readonly worktree: Worktree | undefined;
  readonly changes: ChangeNotifier;
  /** Absent in the lead's rounds, whose step has no state of its own. */
  readonly activity?: ActivityRecorder;
}

/** The messages to an agent. */
type Session = Pick<StartedAgent, 'journal' | 'conversation'>;

export interface StartedAgent {
  readonly journal: Journal;
  readonly conversation: Conversation;
  readonly process: AgentProcess;
  /** Absent if the agent cannot ask people. */
  readonly desk?: QuestionDesk;
}

/**
 * Starts the process of an agent in its session, and sends again what the session has not read.
 * @param record is called for each report that the agent may make.
 * @param openDesk opens the agent's questions to people.
 */
export async function startAgent(
  parts: AgentParts,
  record: RecordReport,
  signal: AbortSignal,
  openDesk: (session: Session) => Promise<QuestionDesk | undefined> = async () => undefined,
): Promise<StartedAgent & { readonly hasUnread: boolean }> {
  const { cli, spec, directories, gateway, env, variables, sessionId, worktree } = parts;
  const { changes, activity } = parts;
  const journal = await Journal.open(directories.session);
  const conversation = new Conversation(journal, changes.notify);
  const desk = await openDesk({ journal, conversation });
  const reportTool = makeReportTool(
    async (report) => {
      const isTooEarly = spec.role === 'lead' && !journal.hasStart(ALL_ENDED);
      return isTooEarly ? REPORT_TOO_EARLY : record(report);
    },
    desk !== undefined,
    (invalid) => conversation.reportedInvalidly(invalid),
  );
  const process = await cli.start({
    spec,
    directories,
    sessionId,
    cwd: await workingDirectory(parts),
    systemPrompt: systemPrompt(spec, cli.vocabulary),
    gateway: gateway.address,
    runnerEnv: env,
    agentEnv: { ...networkEnvironment(env), ...worktree?.env },
    variables,
    isPlanAccepted: journal.hasStart(PLAN_ACCEPTED),
    deliveries: journal.deliveries,
    tools: desk === undefined ? [reportTool] : [reportTool, desk.tool],
    onEvent: (event) => {
      conversation.handle(event);
      desk?.handle(event);
      activity?.handle(event);
    },
    signal,
  });
  conversation.attach(process);
  gateway.lost.addEventListener('abort', () => process.kill(), { once: true });
  log('start', process.isResumed ? `session ${sessionId} resumed` : `session ${sessionId}`);
  const unread = journal.deliveries.filter(({ uuid }) => !process.readBefore.has(uuid));
  // Messages wait for the answer to the question that the agent had asked: see Session.deliverMail.
  const isHeld = ({ mail, person }: Delivery) =>
    (mail.length > 0 || person !== undefined) && desk?.isWaitingForEarlierCall === true;
  const due = unread.filter((delivery) => !isHeld(delivery));
  for (const delivery of due) conversation.resend(delivery);
  for (const delivery of unread.filter(isHeld)) conversation.hold(delivery);
  return {
    ...{ journal, conversation, process, hasUnread: due.length > 0 },
    ...(desk !== undefined && { desk }),
  };
}

/** Starts an agent for its step: it gets its first prompt, or what it has to know to continue. */
export async function startMember(
  parts: AgentParts,
  state: OwnState,
  signal: AbortSignal,
): Promise<StartedAgent> {
  const { spec, directories } = parts;
  await joinRoster(directories.native, spec, await workingDirectory(parts));
  const record: RecordReport = async (report) => {
    await state.setReport(report);
    return undefined;
  };
  const { questions: rules } = spec;
  const openDesk = async (session: Session): Promise<QuestionDesk | undefined> =>
    rules === undefined
      ? undefined
      : QuestionDesk.open({
          ...{ spec, rules, directories, state },
          ...session,
          changes: parts.changes,
        });
  const { hasUnread, ...started } = await startAgent(parts, record, signal, openDesk);
  const message =
    started.journal.deliveries.length === 0
      ? await firstMessage(parts)
      : await messageToContinue(parts, started, state, hasUnread);
  if (message !== '') await started.conversation.send(message);
  else if (!hasUnread) parts.activity?.continueIdle();
  return started;
}

/** The directory that an agent works in. */
export async function workingDirectory({
  worktree,
  root,
}: Pick<AgentParts, 'worktree' | 'root'>): Promise<string> {
  return worktree?.directory ?? (await realpath(under(root, PATHS.work)));
}

async function firstMessage(parts: AgentParts): Promise<string> {
  const { spec, directories, root, worktree } = parts;
  await describeOwnTask(directories.native, spec);
  return firstPrompt(spec, {
    tasks: await listTasks(directories.native),
    dependencies: await dependencyStates(parts),
    conflicting: worktree?.conflicting ?? [],
    paths: await machinePaths(root, spec, await workingDirectory(parts)),
  });
}

/** @returns what the agent of an earlier attempt has to know; empty if there is nothing. */
async function messageToContinue(
  parts: AgentParts,
  { journal, desk }: StartedAgent,
  { previousFailure, isWorkChanged }: OwnState,
  hasUnread: boolean,
): Promise<string> {
  const { spec, worktree } = parts;
  const texts: string[] = [];
  // A retry may have changed the prompt since the session began.
  if (isWorkChanged || !journal.contains(spec.prompt)) {
    const changed = workChanged(spec, await dependencyStates(parts));
    if (!journal.contains(changed)) texts.push(changed);
  }
  const failure = previousFailure && failureOf(previousFailure);
  if (failure !== undefined) texts.push(retryAfterFailure(failure.message));
  // An agent that waits for an answer goes on when it arrives.
  const isWaiting = desk?.isWaiting ?? false;
  if (!hasUnread && journal.isInTurn && !isWaiting) texts.push(RESTARTED);
  // The agent's own commits may conflict with work that did not conflict before.
  const { conflicting = [] } = worktree ?? {};
  const conflicts = conflicting.length > 0 ? describeConflictingWork(conflicting) : '';
  if (conflicts !== '' && !journal.contains(conflicts)) texts.push(conflicts);
  return texts.join('\n\n');
}

async function dependencyStates({ spec, directories }: AgentParts): Promise<readonly AgentState[]> {
  const states = await readAgentStates(directories.state, spec.dependsOn);
  return spec.dependsOn.flatMap((name) => states.get(name) ?? []);
}
