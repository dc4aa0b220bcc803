import type { Decision } from '@agentteam/contract';

/** An event of a run, as `events.jsonl` and `onEvent` receive it. */
export type RunEvent = { readonly at: string } & (
  | { readonly type: 'workflow'; readonly phase: string; readonly message?: string }
  | { readonly type: 'step-started'; readonly step: string; readonly attempt: number }
  | {
      readonly type: 'step-ended';
      readonly step: string;
      readonly phase: string;
      readonly message?: string;
    }
  | {
      readonly type: 'step-retried';
      readonly step: string;
      readonly attempt: number;
      readonly message: string;
    }
  | {
      readonly type: 'container-restarted';
      readonly step: string;
      readonly container: string;
      readonly exitCode: number;
    }
  | { readonly type: 'gate-opened'; readonly step: string }
  | {
      readonly type: 'gate-decided';
      readonly step: string;
      readonly decision: Decision | 'timeout';
      readonly by?: string;
      readonly reason?: string;
    }
  | { readonly type: 'progress'; readonly step: string; readonly progress: string }
);
