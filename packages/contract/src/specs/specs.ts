import type { QuestionRules } from '../people/questions.ts';
import type { FetchedSpec } from './fetched.ts';
import type { DeliveringOnComplete, OnComplete } from './on-complete.ts';
import type { ProviderRef, WorkloadIdentity } from './provider.ts';
import type { SidecarSpec } from './sidecars.ts';

/** The specs that the compiler passes to the runner as JSON in `AGENTTEAM_SPEC`. All paths are container paths. */

export type Role = 'lead' | 'teammate';
export type PermissionMode = 'auto-accept' | 'plan' | 'default';

export interface TeamRef {
  /** Name of the Workflow, and of the directory `teams/<name>`. */
  readonly team: string;
  readonly namespace: string;
}

/** An entry of Claude Code's roster. The lead comes first and has the name `LEAD`. */
export interface MemberSpec {
  readonly name: string;
  readonly role: Role;
  readonly model: string;
  readonly prompt: string;
  readonly dependsOn: readonly string[];
  /** Working directory of the agent's process. */
  readonly cwd: string;
  /** What the agent may change in the repository, for the steps that merge and deliver. Absent: everything. */
  readonly scope?: Scope;
  /** See {@link AgentSpec.work}. Absent in the specs of teammates. */
  readonly work?: string;
}

export interface Scope {
  /** Path prefixes relative to the repository root. Empty: everything. */
  readonly includePaths: readonly string[];
  readonly excludePaths: readonly string[];
}

/**
 * What of the repository's `.claude/` and `.mcp.json` applies to agents. `skills`: instructions, skills,
 * sub-agents and commands, without hooks, permissions and MCP servers.
 */
export type RepositorySettings = 'ignore' | 'skills' | 'all';

export interface RepositoryRef {
  readonly url: string;
  /** Branch that the work starts from. Absent: the remote's default branch. */
  readonly branch?: string;
  readonly worktreeStrategy: 'per-teammate' | 'shared';
  /** Branch that all work is merged into, with its variables replaced. */
  readonly resultBranch: string;
  /** Command in exec form that runs once in each worktree before its agent starts. Empty: none. */
  readonly setupCommand: readonly string[];
  /** Which of an agent's uncommitted files are left out of its last commit. Absent: the defaults. */
  readonly leftovers?: LeftoverRules;
  /** Paths of the files that are placed in any agent's worktree, and that no commit may contain. Absent: none. */
  readonly placed?: readonly string[];
  /** Absent: `skills`. */
  readonly settings?: Exclude<RepositorySettings, 'skills'>;
}

/** A file that is placed in a worktree, from a key of a ConfigMap below `PATHS.files`. */
export interface PlacedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly configMap: string;
  readonly key: string;
}

/** Rules for the files that an agent leaves uncommitted in its worktree. */
export interface LeftoverRules {
  /** Patterns as in `.gitignore`, applied after the default ones: `!dist/` overrides one of them. */
  readonly ignore: readonly string[];
  /** Bytes. A new file that is larger is left out. */
  readonly maxFileSize: number;
}

export interface SetupSpec extends TeamRef {
  readonly members: readonly MemberSpec[];
  readonly repository?: RepositoryRef;
  /** How the result will be delivered: setup checks before the first agent starts that this is possible. */
  readonly delivery?: {
    readonly onComplete: DeliveringOnComplete;
    readonly pullRequest?: PullRequestSpec;
  };
  /** Checks without a command: setup looks in the repository for one before the first agent starts. */
  readonly required?: readonly RequiredCheck[];
  /** The files that are placed in any agent's worktree: setup checks that this is possible. Absent: none. */
  readonly files?: readonly PlacedFile[];
  /** Skills and plugins to fetch before the first agent starts. */
  readonly fetched?: readonly FetchedSpec[];
}

export type RequiredCheck = 'test' | 'lint';

export interface AgentSpec extends TeamRef {
  readonly name: string;
  readonly role: Role;
  /** A value for `claude --model`: `opus`, `sonnet`, `haiku` or a full model id. */
  readonly model: string;
  /** The model provider. Absent: Anthropic. */
  readonly provider?: ProviderRef;
  readonly prompt: string;
  /**
   * Digest of what the agent is asked to do and of what it starts from. If a retry changes it, the agent does
   * its work again even if an earlier attempt completed it.
   */
  readonly work: string;
  readonly permissionMode: PermissionMode;
  /** Names of the teammates whose reports the agent receives when it starts. */
  readonly dependsOn: readonly string[];
  /** All members, lead first. In a teammate's spec they have no prompts and no scopes. */
  readonly members: readonly MemberSpec[];
  readonly cwd: string;
  /** Cowork mode: mount paths of the read-only inputs, and of the output. */
  readonly inputs: readonly string[];
  readonly output?: string;
  readonly repository?: RepositoryRef;
  readonly scope?: Scope;
  readonly skills: readonly string[];
  /** Names of plugins, which are directories of `PATHS.plugins`. */
  readonly plugins?: readonly string[];
  /** Names of the MCP servers that the agent reaches through its gateway. */
  readonly mcpServers: readonly string[];
  /** MCP servers that run in the agent's container. */
  readonly stdioServers?: readonly StdioServerSpec[];
  /** Names of the services at the gateway. Absent: none. */
  readonly services?: readonly string[];
  /** The image that the agent works in, where it is not ours; for messages. */
  readonly image?: string;
  /** Variables of the agent's commands. Absent: none. */
  readonly variables?: readonly VariableSpec[];
  /** The sidecars that must be ready before the agent starts. Absent: none. */
  readonly sidecars?: readonly SidecarSpec[];
  /** Mount paths of the agent's own volumes. Absent: none. */
  readonly mounts?: readonly string[];
  /** Files to place in the worktree. Absent: none. */
  readonly files?: readonly PlacedFile[];
  /** Absent: the agent cannot ask people. */
  readonly questions?: QuestionRules;
  /** Service account of the pod, where the team chose one. */
  readonly serviceAccount?: string;
  /** Number of attempts after the first. The last attempt writes the final state. */
  readonly maxRestarts: number;
}

/** A variable of an agent's commands, with its value or where the runner finds it. */
export type VariableSpec = { readonly name: string } & (
  | { readonly value: string }
  /** A key of a ConfigMap, which is mounted at {@link variablesOf}. */
  | { readonly configMap: string; readonly key: string }
  /** The container's variable `VARIABLE_PREFIX` + name. */
  | { readonly field: string }
);

/** An MCP server that Claude Code starts, and talks to over its standard input and output. */
export interface StdioServerSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What happens at a budget limit, from the loosest value to the strictest. */
export const ON_LIMIT = ['finish', 'cut', 'reserve'] as const;
export type OnLimit = (typeof ON_LIMIT)[number];
export type OnProviderLimit = 'wait' | 'fail';

export interface GatewaySpec extends TeamRef {
  readonly agent: string;
  /** The team's `budgetLimit`: US dollars as decimal text (`"30.00"`). Absent: no limit. */
  readonly teamBudgetLimit?: string;
  /** The agent's own `budgetLimit`. Absent: no limit. */
  readonly agentBudgetLimit?: string;
  readonly onLimit: OnLimit;
  readonly onProviderLimit: OnProviderLimit;
  /** See {@link AgentSpec.model}. The gateway checks with the provider that it exists before the agent starts. */
  readonly model: string;
  /** See {@link AgentSpec.provider}. */
  readonly provider?: ProviderRef;
  /** How to authenticate to the provider without a Secret. */
  readonly workloadIdentity?: WorkloadIdentity;
  /** Name of the Secret at `credentials/api`, for messages. Absent where the team names none or a list. */
  readonly secret?: string;
  /** The team's `auth.credentials`, in the order in which they are tried. */
  readonly credentials?: readonly CredentialRef[];
  readonly mcpServers: readonly McpServerRef[];
  /** Absent: none. */
  readonly services?: readonly ServiceRef[];
  /** Whether to keep the API's replies in the ledger directory, for a later rehearsal. */
  readonly record: boolean;
  /** Whether the step's progress shows the agent's own tasks. */
  readonly progress: boolean;
  /** Features of the Messages API that the installation allows besides the gateway's own list. */
  readonly apiFeatures?: readonly string[];
}

/** One of several credentials for the Messages API. Its Secret is mounted at `credentials/api/<name>`. */
export interface CredentialRef {
  readonly name: string;
  readonly secret: string;
  readonly kind: 'api-key' | 'oauth';
}

export interface McpServerRef {
  readonly name: string;
  readonly url: string;
  /** Whether a Secret is mounted at `credentials/mcp/<name>`; its key `token` is sent as a bearer token. */
  readonly credential: boolean;
  /** HTTP headers that are added to each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Name of the Secret at `credentials/mcp-headers/<name>`. Each of its keys is sent as a header. */
  readonly headersSecret?: string;
}

/** A registry or an internal API that the gateway serves at `/services/<name>/`. */
export interface ServiceRef {
  readonly name: string;
  /** Base URL, as {@link parseServiceUrl} accepts it. */
  readonly url: string;
  /**
   * Name of the Secret that is mounted at `credentials/services/<name>`, with the key `token`, or `username` and
   * `password`. Absent: requests carry no credential.
   */
  readonly secret?: string;
  /** See {@link tokenHeader}. */
  readonly header?: string;
  /** Absent: all of the methods of the field `methods`. */
  readonly methods?: readonly string[];
}

export interface ChecksSpec extends TeamRef {
  readonly repository?: RepositoryRef;
  readonly output?: string;
  /** The checks, in the order in which they run. */
  readonly checks: readonly CheckSpec[];
  /** Text of a shell script. Empty: none. */
  readonly validationScript: string;
  /** Time limit of each check. */
  readonly timeoutSeconds: number;
  /** How many times the lead may fix failures. */
  readonly rounds: number;
  /** The lead's spec, for those rounds. */
  readonly lead: AgentSpec;
}

export interface CheckSpec {
  readonly kind: RequiredCheck;
  /** Shell command. Absent: the command that the repository declares. */
  readonly command?: string;
}

export interface PullRequestSpec {
  /** Absent: the branch that the work starts from. */
  readonly targetBranch?: string;
  readonly title: string;
  readonly reviewers: readonly string[];
  readonly labels: readonly string[];
}

export interface NotifySpec {
  readonly url: string;
  /** Names of the events to send. Empty: all. */
  readonly events: readonly string[];
  /** Whether an HMAC key is mounted at `credentials/webhook`, as the file `secret`. */
  readonly signed: boolean;
}

export interface DeliverSpec extends TeamRef {
  readonly onComplete: DeliveringOnComplete;
  readonly members: readonly MemberSpec[];
  /** Whether the team has the step `Checks`. Without it, only an agent could have written a record of checks. */
  readonly checked: boolean;
  readonly repository?: RepositoryRef;
  readonly pullRequest?: PullRequestSpec;
  /** Ids of likely secrets that a person has allowed to be delivered. */
  readonly acceptedSecrets?: readonly string[];
  readonly output?: string;
}

export interface RollCallSpec extends TeamRef {
  /** The teammates that this step waits for. Their Argo statuses are its arguments: `name=Status`. */
  readonly teammates: readonly string[];
}

export interface FinishSpec extends TeamRef {
  readonly members: readonly MemberSpec[];
  /** See {@link DeliverSpec.checked}. */
  readonly checked: boolean;
  readonly repository?: RepositoryRef;
  readonly onComplete: OnComplete;
  /** The team's `budgetLimit`, as in {@link GatewaySpec.teamBudgetLimit}. */
  readonly budgetLimit?: string;
  readonly notify?: NotifySpec;
}
