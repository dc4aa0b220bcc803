import { type ArgoConfig, settingOf } from './argo-config.ts';
import { type Finding, failed } from './finding.ts';

/**
 * Checks that Argo does not use its init-less pod layout (a beta feature of Argo 4.1). It writes files
 * after an agent's container was created, in which they are mounted read-only. Empty without the layout.
 */
export function examinePodLayout(argo: ArgoConfig): readonly Finding[] {
  if (argo.state !== 'found') return [];
  const layout = settingOf<{ readonly enabled?: unknown }>(argo.data, 'initlessPod');
  if (layout?.enabled !== true) return [];
  return [
    failed(
      'argo pod layout',
      `Argo's ConfigMap ${argo.name} enables initlessPod, with which agent pods do not start`,
      `Remove initlessPod from ConfigMap ${argo.name} and restart Argo's controller.`,
    ),
  ];
}
