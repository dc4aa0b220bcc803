import type { ApprovalGate } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import type { Scope } from './narrower.ts';

/** As far as it is compared: neither the template nor the team has its defaults. */
export interface Bounded {
  readonly lead?: { readonly scope?: Scope };
  readonly teammates?: readonly { readonly name: string; readonly scope?: Scope }[];
  readonly repository?: { readonly worktreeStrategy?: string };
  readonly lifecycle?: {
    readonly budgetLimit?: string;
    readonly onLimit?: string;
    readonly timeout?: string;
    readonly approvalGates?: readonly Partial<ApprovalGate>[];
  };
  readonly qualityGates?: {
    readonly requireTests?: boolean;
    readonly requireLint?: boolean;
    readonly testCommand?: string;
    readonly lintCommand?: string;
    readonly validationScript?: string;
  };
}

/** A field of the team that is looser than the template lets it be. */
export interface Loose {
  readonly path: Problem['path'];
  /** What is wrong, after the field's name. */
  readonly message: string;
  readonly hint: string;
}

/** What is looser in a team than its template. */
export type Comparison = (bound: Bounded, team: Bounded) => readonly Loose[];
