import type { AgentSpec } from '@agentteam/contract';
import type { Journal } from '@agentteam/volume';
import type { ActivityRecorder } from '../activity.ts';
import type { AgentCli, AgentProcess } from '../agent-cli.ts';
import type { AgentDirectories } from '../directories.ts';
import type { HeldGateway } from '../held-gateway.ts';
import type { OwnState } from '../own-state.ts';
import type { QuestionDesk } from '../questions/question-desk.ts';
import type { Worktree } from '../worktree.ts';
import type { ChangeNotifier } from './change-notifier.ts';
import type { Conversation } from './conversation.ts';

/** Everything that a running agent consists of. */
export interface MemberParts {
  readonly cli: AgentCli;
  readonly spec: AgentSpec;
  readonly directories: AgentDirectories;
  readonly journal: Journal;
  readonly conversation: Conversation;
  readonly process: AgentProcess;
  readonly gateway: HeldGateway;
  readonly state: OwnState;
  /** Absent where nothing shows what the agent is doing. */
  readonly activity?: ActivityRecorder;
  /** Absent if the agent cannot ask people. */
  readonly desk?: QuestionDesk;
  /** Absent in Cowork mode. */
  readonly worktree: Worktree | undefined;
  readonly changes: ChangeNotifier;
  readonly signal: AbortSignal;
}
