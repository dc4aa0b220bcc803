import type { ApprovalGate } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import type { Scope } from './narrower.ts';

/** People who may decide something. */
export type People = NonNullable<ApprovalGate['approvers']>;

/** The fields that are compared. Neither the template nor the team has its defaults. */
export interface Bounded {
  readonly lead?: { readonly scope?: Scope };
  readonly teammates?: readonly { readonly name: string; readonly scope?: Scope }[];
  readonly repository?: { readonly worktreeStrategy?: string };
  readonly lifecycle?: {
    readonly budgetLimit?: string;
    readonly onLimit?: string;
    readonly timeout?: string;
    readonly approvalGates?: readonly Partial<ApprovalGate>[];
    readonly questions?: { readonly answerers?: People };
  };
  readonly qualityGates?: {
    readonly requireTests?: boolean;
    readonly requireLint?: boolean;
    readonly testCommand?: string;
    readonly lintCommand?: string;
    readonly validationScript?: string;
  };
}

/** A field of the team that is looser than the template allows. */
export interface Loose {
  readonly path: Problem['path'];
  /** What is wrong, as the rest of a sentence that begins with the field's name. */
  readonly message: string;
  readonly hint: string;
}

/** Finds the fields of a team that are looser than its template. */
export type Comparison = (bound: Bounded, team: Bounded) => readonly Loose[];
