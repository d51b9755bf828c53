/** A signing request (PKCS #10) in PEM for the examples, of a key that nobody has. */
export const exampleSigningRequest = [
  '-----BEGIN CERTIFICATE REQUEST-----',
  'MIIBHjCBxQIBADAzMRQwEgYDVQQKDAtMaWdodGhvdXNlczEbMBkGA1UEAwwSa2Vl',
  'cGVyLmV4YW1wbGUub3JnMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEnQkwuXgV',
  'fx/rXinOZ9tGleuwmf9Co1/a0Detrr8IMhRr8QiTa+KmdLykUap4r2Ntp11VfEzy',
  'GTABT15VZFBbJaAwMC4GCSqGSIb3DQEJDjEhMB8wHQYDVR0RBBYwFIISa2VlcGVy',
  'LmV4YW1wbGUub3JnMAoGCCqGSM49BAMCA0gAMEUCIHlnJ7CsSfykmTwFIsy7a1It',
  'RZggyY6ZqM5PwokTd9OLAiEAjfcKZENlELgkiNH9hPkULcSp50x3mB2mcLGGSype',
  'rYA=',
  '-----END CERTIFICATE REQUEST-----',
  '',
].join('\n');
