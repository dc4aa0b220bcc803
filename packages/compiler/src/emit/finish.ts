import type { Template } from '@agentteam/argo';
import { ENV, OUTPUTS, PATHS, TEMPLATES } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { runnerContainer } from './container.ts';
import { type EmitContext, figuresRun, outputs, REPEATABLE } from './template.ts';
import { wholeClaim } from './volumes/claim.ts';
import { figuresSecret, webhookSecret } from './volumes/credentials.ts';
import { join, type Mounted, NOTHING } from './volumes/mounted.ts';
import { SCRATCH } from './volumes/scratch.ts';

/**
 * The failed nodes. In base64 Argo finds no tags: their messages may be agents' own texts, and Argo would
 * evaluate any `{{=…}}` in them. They are cut to fit an argument, whose limit is 128 KiB after encoding.
 */
const FAILURES = '{{=sprig.b64enc(sprig.trunc(65536, workflow.failures))}}';

export function emitFinish(step: StepOf<'finish'>, context: EmitContext): Template {
  const { team, options } = context;
  const { allowPrivateWebhooks } = options.network;
  const secrets = join(webhookSecret(team), figuresSecret(options));
  const mounted = join(SCRATCH, wholeClaim(team), ownOutput(team), secrets);
  return {
    name: TEMPLATES.finish,
    ...REPEATABLE,
    volumes: [...mounted.volumes],
    container: runnerContainer(
      {
        command: 'finish',
        args: ['{{workflow.status}}', FAILURES],
        spec: step.spec,
        mounts: mounted.mounts,
        env: [
          ...(allowPrivateWebhooks
            ? [{ name: ENV.allowPrivateWebhooks, value: String(allowPrivateWebhooks) }]
            : []),
          ...figuresRun(options),
        ],
      },
      context,
    ),
    outputs: outputs(
      OUTPUTS.totals,
      OUTPUTS.summary,
      ...(step.spec.checked ? [OUTPUTS.checks] : []),
      ...(options.controller.figuresSecret === undefined ? [] : [OUTPUTS.totalsProof]),
    ),
  };
}

/**
 * The claim that is created for the results, to which the report of the team is written. An existing claim that the
 * team names is not mounted: if it does not exist, the last step could never start, and the team would never end.
 */
function ownOutput({ output }: ResolvedTeam): Mounted {
  if (output?.created === undefined) return NOTHING;
  return {
    volumes: [{ name: 'output', persistentVolumeClaim: { claimName: output.claim } }],
    mounts: [{ name: 'output', mountPath: PATHS.results }],
  };
}
