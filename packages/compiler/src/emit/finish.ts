import type { Template } from '@agentteam/argo';
import { ENV, OUTPUTS } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import { runnerContainer } from './container.ts';
import { type EmitContext, figuresRun, outputs, REPEATABLE } from './template.ts';
import { figuresSecret, join, scratch, webhookSecret, wholeClaim } from './volumes.ts';

/**
 * What ended badly, in letters that Argo finds no tag in: messages are agents' own words, and Argo would
 * evaluate the `{{=…}}` in them. Cut off where an argument's length ends (128 KiB, once it is encoded).
 */
const FAILURES = '{{=sprig.b64enc(sprig.trunc(65536, workflow.failures))}}';

export function emitFinish(
  step: StepOf<'finish'>,
  { team, options, logLevel }: EmitContext,
): Template {
  const mounted = join(scratch(), wholeClaim(team), webhookSecret(team), figuresSecret(options));
  return {
    name: 'finish',
    ...REPEATABLE,
    volumes: [...mounted.volumes],
    container: runnerContainer(
      {
        command: 'finish',
        args: ['{{workflow.status}}', FAILURES],
        spec: step.spec,
        mounts: mounted.mounts,
        logLevel,
        env: [
          ...(options.allowPrivateWebhooks
            ? [{ name: ENV.allowPrivateWebhooks, value: String(options.allowPrivateWebhooks) }]
            : []),
          ...figuresRun(options),
        ],
      },
      options,
    ),
    outputs: outputs(
      OUTPUTS.totals,
      OUTPUTS.summary,
      ...(step.spec.checked ? [OUTPUTS.checks] : []),
      ...(options.figuresSecret === undefined ? [] : [OUTPUTS.totalsProof]),
    ),
  };
}
