import { useMutation, type UseMutationResult } from '@tanstack/react-query';
import type { ObjectRef, UidPrecondition } from '../client/types.ts';
import type { KubeObject } from '../protocol/kube-object.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { useKubeWatchClient } from './kube-watch-provider.ts';

/** What server-side apply is called with. */
export interface ApplyVariables extends UidPrecondition {
  readonly ref: ObjectRef;
  /** The fields that are wanted, with `apiVersion`, `kind` and `metadata.name`. */
  readonly object: unknown;
  /** Default `fleetwire`. */
  readonly fieldManager?: string;
  /** Takes fields that others manage, too. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** What a patch is called with. */
export interface PatchVariables extends UidPrecondition {
  readonly ref: ObjectRef;
  readonly patch: unknown;
  /** Default `merge`. */
  readonly type?: 'merge' | 'strategic' | 'json';
  readonly subresource?: string;
}

/** What a deletion is called with. */
export interface DeleteVariables extends UidPrecondition {
  readonly ref: ObjectRef;
  readonly gracePeriodSeconds?: number;
}

/** What scaling is called with. */
export interface ScaleVariables extends UidPrecondition {
  readonly ref: ObjectRef;
  readonly replicas: number;
}

/** Writes of single objects, each as TanStack Query has mutations. */
export interface KubeMutations {
  readonly apply: UseMutationResult<KubeObject, KubeWatchError, ApplyVariables>;
  readonly patch: UseMutationResult<KubeObject, KubeWatchError, PatchVariables>;
  readonly delete: UseMutationResult<void, KubeWatchError, DeleteVariables>;
  readonly scale: UseMutationResult<void, KubeWatchError, ScaleVariables>;
}

/**
 * Writes that live lists show at once, and that the watch confirms or replaces; one that fails is taken back. A conflict
 * of server-side apply has the reason `Conflict`, and the fields in question in `details`.
 */
export function useKubeMutations(): KubeMutations {
  const client = useKubeWatchClient();
  return {
    apply: useMutation({
      mutationFn: ({ ref, object, ...options }: ApplyVariables) => client.apply(ref, object, options),
      networkMode: 'always',
    }),
    patch: useMutation({
      mutationFn: ({ ref, patch, ...options }: PatchVariables) => client.patch(ref, patch, options),
      networkMode: 'always',
    }),
    delete: useMutation({
      mutationFn: ({ ref, ...options }: DeleteVariables) => client.delete(ref, options),
      networkMode: 'always',
    }),
    scale: useMutation({
      mutationFn: ({ ref, replicas, ...options }: ScaleVariables) => client.scale(ref, replicas, options),
      networkMode: 'always',
    }),
  };
}
