/** Keys for AWS, which may be temporary. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The identity of the gateway's pod in AWS. */
export interface AwsIdentity {
  /** Names it in messages. */
  readonly name: string;
  /** Its current keys. @throws CredentialError when AWS refuses the identity. */
  keys(): Promise<AwsKeys>;
}
