import { realpath } from 'node:fs/promises';
import { type AgentReport, type AgentSpec, PATHS, under } from '@agentteam/contract';
import { listTasks, readAgentStates } from '@agentteam/volume';
import { networkEnvironment } from '../step/gateway-access.ts';
import { Claude } from './claude.ts';
import { describeConflicting } from './conflicting.ts';
import { Conversation } from './conversation.ts';
import type { HeldGateway } from './held-gateway.ts';
import { prepareHome } from './home.ts';
import { joinRoster } from './join-roster.ts';
import { Journal } from './journal.ts';
import { claudeArguments, claudeEnvironment, claudeProgram } from './launch.ts';
import { log } from './log.ts';
import { describeOwnTask } from './own-task.ts';
import { type Places, pathsOf } from './places.ts';
import {
  ALL_ENDED,
  firstPrompt,
  GO_ON,
  PLAN_ACCEPTED,
  retried,
  systemPrompt,
  workChanged,
} from './prompts.ts';
import { answerMcp } from './report-server.ts';
import { failureOf, refusal } from './report-tool.ts';
import { findTranscript, readHeard } from './transcript.ts';
import type { Wake } from './wake.ts';
import type { Worktree } from './worktree.ts';

export interface AgentParts {
  readonly spec: AgentSpec;
  readonly places: Places;
  readonly gateway: HeldGateway;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly sessionId: string;
  readonly worktree: Worktree | undefined;
  readonly wake: Wake;
  /** Records what the agent reports. */
  readonly onReport: (report: AgentReport) => Promise<void>;
  /** The failure that an earlier attempt ended with, because the agent reported it. */
  readonly failedBefore?: AgentReport | undefined;
  /** Whether the agent completed other work before than its spec asks for now. */
  readonly isChanged?: boolean;
}

export interface Started {
  readonly journal: Journal;
  readonly conversation: Conversation;
  readonly claude: Claude;
}

/**
 * Starts the agent's `claude`, or goes on with its session, and says what it has not heard yet.
 * @param prompted whether it gets its first prompt; a round of checks gives it another one.
 */
export async function startAgent(
  parts: AgentParts,
  prompted: boolean,
  signal: AbortSignal,
): Promise<Started> {
  const { spec, places, root, env, sessionId, worktree, wake } = parts;
  const { address: gateway, lost } = parts.gateway;
  const cwd = worktree?.directory ?? (await realpath(under(root, PATHS.work)));
  if (prompted) await joinRoster(places.native, spec, cwd);
  const files = await prepareHome(places, spec, gateway, cwd);
  const transcript = await findTranscript(places.projects, sessionId);
  const journal = await Journal.open(places.session);
  const conversation = new Conversation(journal, wake.ring);
  const session = { id: sessionId, resumed: transcript !== undefined };
  const planned = spec.permissionMode === 'plan' && journal.said(PLAN_ACCEPTED);
  const mode = planned ? { ...spec, permissionMode: 'auto-accept' as const } : spec;
  signal.throwIfAborted();
  const claude = new Claude({
    program: claudeProgram(env),
    args: claudeArguments(mode, files, session, systemPrompt(spec), cwd),
    cwd,
    env: claudeEnvironment(env, places, gateway, {
      ...networkEnvironment(env),
      ...worktree?.env,
    }),
    onEvent: (event) => {
      conversation.handle(event);
    },
    answer: (message) =>
      answerMcp(message, async (report) => {
        const refused = refusal(spec.role, journal.said(ALL_ENDED));
        if (refused !== undefined) return { refused };
        await parts.onReport(report);
        return {};
      }),
  });
  conversation.attach(claude);
  lost.addEventListener('abort', () => claude.kill(), { once: true });
  log('start', session.resumed ? `session ${sessionId} resumed` : `session ${sessionId}`);
  const heard =
    transcript === undefined ? new Set() : await readHeard(transcript, journal.deliveries);
  const unheard = journal.deliveries.filter(({ uuid }) => !heard.has(uuid));
  for (const delivery of unheard) conversation.repeat(delivery);
  if (!prompted) return { journal, conversation, claude };
  const started = { journal, conversation, claude };
  if (journal.deliveries.length === 0) await begin(parts, started, cwd);
  else await goOn(parts, started, unheard.length > 0);
  return started;
}

/** Says the first words of a session. */
async function begin(
  { spec, places, root, worktree }: AgentParts,
  { conversation }: Started,
  cwd: string,
): Promise<void> {
  await describeOwnTask(places.native, spec);
  const states = await readAgentStates(places.state, spec.dependsOn);
  const beginning = {
    tasks: await listTasks(places.native),
    reports: spec.dependsOn.flatMap((name) => states.get(name) ?? []),
    conflicting: worktree?.conflicting ?? [],
    paths: await pathsOf(root, spec, cwd),
  };
  await conversation.say(firstPrompt(spec, beginning));
}

/** @param woken whether it hears something in any case. */
async function goOn(
  { spec, places, worktree, failedBefore, isChanged = false }: AgentParts,
  { journal, conversation }: Started,
  woken: boolean,
): Promise<void> {
  const words: string[] = [];
  // A retry may go on with another prompt than the session began with.
  if (isChanged || !journal.told(spec.prompt)) {
    const states = await readAgentStates(places.state, spec.dependsOn);
    const again = workChanged(
      spec,
      spec.dependsOn.flatMap((name) => states.get(name) ?? []),
    );
    if (!journal.told(again)) words.push(again);
  }
  const failure = failedBefore && failureOf(failedBefore);
  if (failure !== undefined) words.push(retried(failure.message));
  if (!woken && journal.inTurn) words.push(GO_ON);
  // What an earlier attempt did may conflict where nothing did before.
  const { conflicting = [] } = worktree ?? {};
  const news = conflicting.length > 0 ? describeConflicting(conflicting) : '';
  if (news !== '' && !journal.told(news)) words.push(news);
  if (words.length > 0) await conversation.say(words.join('\n\n'));
}
