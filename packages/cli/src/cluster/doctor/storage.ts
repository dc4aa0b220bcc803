import { CoreV1Api, StorageV1Api, type V1StorageClass } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { ask, type Finding, failed, ok, unknown } from './finding.ts';

const CHECK = 'shared storage';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** Provisioners of which it is known whether pods on several nodes can share a claim. */
const SHARED =
  /(^|[./])(efs\.csi\.aws\.com|fsx\.csi\.aws\.com|file\.csi\.azure\.com|filestore\.csi\.storage\.gke\.io|nfs\.csi\.k8s\.io|.*cephfs\.csi\.ceph\.com|driver\.longhorn\.io|.*nfs.*|csi\.trident\.netapp\.io|org\.gluster.*)$/;
const ONE_NODE =
  /(^|[./])(ebs\.csi\.aws\.com|aws-ebs|disk\.csi\.azure\.com|azure-disk|pd\.csi\.storage\.gke\.io|gce-pd|.*local-path.*|hostpath.*|no-provisioner|.*rbd\.csi\.ceph\.com)$/;

const REMEDY =
  'Teams share a ReadWriteMany claim: name a class that offers it (EFS, Filestore, Azure Files, NFS, CephFS) as the chart’s teams.storageClass, or with install --storage-class.';

/** @param wanted class that teams are given; absent: the cluster's default. */
export async function examineStorage(
  { config }: Connection,
  wanted: string | undefined,
): Promise<Finding> {
  const asked = await ask(config.makeApiClient(StorageV1Api).listStorageClass());
  if (asked.is !== 'there') return unknown(CHECK, 'you may not list storage classes', REMEDY);
  const { items } = asked.value;
  const found = items.find((one) =>
    wanted === undefined ? isDefault(one) : nameOf(one) === wanted,
  );
  if (found === undefined) {
    const volumes = wanted === undefined ? 0 : await countVolumes(config, wanted);
    if (volumes > 0) return ok(CHECK, `${wanted}: ${volumes} volumes offer ReadWriteMany`);
    const what =
      wanted === undefined ? 'no storage class is the default' : `there is no class ${wanted}`;
    return failed(CHECK, `${what}; there are: ${items.map(nameOf).join(', ') || 'none'}`, REMEDY);
  }
  const words = `${nameOf(found)} (${found.provisioner})`;
  if (SHARED.test(found.provisioner)) return ok(CHECK, `${words} offers ReadWriteMany`);
  if (ONE_NODE.test(found.provisioner)) {
    return failed(CHECK, `${words} offers no ReadWriteMany`, REMEDY);
  }
  return unknown(CHECK, `whether ${words} offers ReadWriteMany, its manual says`, REMEDY);
}

/** Volumes made by hand have a class's name without there being a class. */
async function countVolumes(config: Connection['config'], className: string): Promise<number> {
  const asked = await ask(config.makeApiClient(CoreV1Api).listPersistentVolume());
  if (asked.is !== 'there') return 0;
  return asked.value.items.filter(
    ({ spec }) =>
      spec?.storageClassName === className && spec.accessModes?.includes('ReadWriteMany'),
  ).length;
}

function isDefault({ metadata }: V1StorageClass): boolean {
  return metadata?.annotations?.[DEFAULT_CLASS] === 'true';
}

function nameOf({ metadata }: V1StorageClass): string {
  return metadata?.name ?? '';
}
