import { type Api, ForbiddenError } from '@esplanade/sdk';

/** What a server that let somebody in calls itself. */
export interface Greeting {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** Asks for the cluster, which everybody may see on Esplanade; being forbidden to see it is being let in, too. */
export async function greet(api: Api): Promise<Greeting> {
  try {
    const { name, version } = await api.record('/cluster').get();
    return { name: textOf(name), version: textOf(memberOf(version, 'full')) };
  } catch (error) {
    if (error instanceof ForbiddenError) return { name: undefined, version: undefined };
    throw error;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
