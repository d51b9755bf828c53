/**
 * An IKE identity (RFC 7296 3.5) as the user wrote it. `any` is ONTAP's `ANYTHING`: accept whatever the remote claims.
 * The text forms (address, FQDN, e-mail, DN, key id) are told apart by charon's own rules in the driver.
 */
export type Identity = { readonly kind: 'any' } | { readonly kind: 'text'; readonly text: string };
