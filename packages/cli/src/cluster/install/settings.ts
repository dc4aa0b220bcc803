/** Labels of the namespace that the installer creates. */
export const LABELS: Readonly<Record<string, string>> = {
  'app.kubernetes.io/name': 'agentteam',
  'app.kubernetes.io/managed-by': 'agentteam',
};

/** Default namespace of the controller. */
export const DEFAULT_NAMESPACE = 'agentteam-system';

export interface InstallSettings {
  /** Namespace of the controller. */
  readonly namespace: string;
  /** Image of the controller and of team pods. */
  readonly image: string;
  readonly replicas: number;
  /** Namespaces to watch; empty: all. */
  readonly watched: readonly string[];
  /** Storage class of team volumes, which must support ReadWriteMany. Default: the cluster's. */
  readonly storageClass?: string;
  /** Further variables of the controller, by name. */
  readonly env: Readonly<Record<string, string>>;
}
