import { errorCatalogue } from '@esplanade/server/error-catalogue';
import { allResources } from '@esplanade/server/resources';
import { startTestServer } from '@esplanade/server/testing';
import {
  otherwiseProvocations,
  provocations,
  wireProvocations,
} from '@esplanade/server/testing/provocations';
import { readSeedFacts } from '../../test/dialect/seed-facts.ts';
import { coveragePage } from './coverage.ts';
import { errorsPage } from './errors.ts';

/** A generated page: where it belongs in the checkout, and what it must say. */
export interface ReferencePage {
  readonly path: string;
  readonly text: string;
}

/** Every generated page of docs/reference, from the code as it is. */
export async function referencePages(): Promise<readonly ReferencePage[]> {
  // The resources need a server's parts; what they declare does not depend on them.
  const server = await startTestServer();
  try {
    const coverage = coveragePage(allResources(server.parts), readSeedFacts());
    const errors = errorsPage(errorCatalogue, {
      requests: provocations,
      otherwise: otherwiseProvocations,
      bytes: wireProvocations,
    });
    return [
      { path: 'docs/reference/coverage.md', text: coverage },
      { path: 'docs/reference/errors.md', text: errors },
    ];
  } finally {
    await server.close();
  }
}
