/* SPDX-License-Identifier: Apache-2.0 */
/* model/listed.h: the words of published lists, once: the readers (lists/model.h) and the sections of listed
 * parties in a snapshot (screen/parties.h, screen/ident.h) make their enumerations and tables of words from
 * these, so that a number written by one is the same word to the other.
 *
 * ROW(prefix, symbol, word): symbol of the enumerator without its prefix, and the word of JSON and reports;
 * the prefix is passed on. Append only: the numbers are in snapshots, and 0 is the absent one. */
#ifndef CDN_MODEL_LISTED_H
#define CDN_MODEL_LISTED_H

/* An enumerator, and its row of a table of words. */
#define CDN_LISTED_ENUM(prefix, symbol, word) prefix##symbol,
#define CDN_LISTED_WORD(prefix, symbol, word) [prefix##symbol] = (word),

/* What an entry is. */
#define CDN_LISTED_TYPES(ROW, prefix)                                                                        \
    ROW(prefix, UNKNOWN, "") /* the file does not say; "" in JSON is absent */                               \
    ROW(prefix, PERSON, "person")                                                                            \
    ROW(prefix, COMPANY, "company") /* any organisation, state body, armed group */                          \
    ROW(prefix, SHIP, "ship")                                                                                \
    ROW(prefix, AIRCRAFT, "aircraft")                                                                        \
    ROW(prefix, WALLET, "wallet")                                                                            \
    ROW(prefix, BANK, "bank") /* a company that the file gives a BIC, or calls a bank */                     \
    ROW(prefix, OTHER, "other")

/* What a name is to its entry. */
#define CDN_LISTED_NAME_KINDS(ROW, prefix)                                                                   \
    ROW(prefix, UNKNOWN, "")                                                                                 \
    ROW(prefix, PRIMARY, "primary")                                                                          \
    ROW(prefix, STRONG, "strong") /* also: now known as, a variation, the original script */                 \
    ROW(prefix, WEAK, "weak")     /* then `low` is set, too */                                               \
    ROW(prefix, FORMER, "former") /* `low` says whether it is weak besides */

/* ISO 15924, found from the letters, never from what the file claims (files say "Cryillic", or call
 * Russian a script). */
#define CDN_LISTED_SCRIPTS(ROW, prefix)                                                                      \
    ROW(prefix, NONE, "Zxxx") /* no letter in it */                                                          \
    ROW(prefix, LATN, "Latn")                                                                                \
    ROW(prefix, CYRL, "Cyrl")                                                                                \
    ROW(prefix, ARAB, "Arab")                                                                                \
    ROW(prefix, GREK, "Grek")                                                                                \
    ROW(prefix, HEBR, "Hebr")                                                                                \
    ROW(prefix, ARMN, "Armn")                                                                                \
    ROW(prefix, GEOR, "Geor")                                                                                \
    ROW(prefix, HANI, "Hani")                                                                                \
    ROW(prefix, KANA, "Jpan") /* Hiragana or Katakana, also beside Han: Japanese */                          \
    ROW(prefix, HANG, "Kore") /* Hangul, also beside Han: Korean */                                          \
    ROW(prefix, DEVA, "Deva")                                                                                \
    ROW(prefix, THAI, "Thai")                                                                                \
    ROW(prefix, MYMR, "Mymr")                                                                                \
    ROW(prefix, ETHI, "Ethi")                                                                                \
    ROW(prefix, OTHER, "Zzzz")                                                                               \
    ROW(prefix, MIXED, "Zyyy") /* several that do not belong together: "Иван Ivanov" */

/* Kinds of identifiers. */
#define CDN_LISTED_IDENT_KINDS(ROW, prefix)                                                                  \
    ROW(prefix, OTHER, "other")                                                                              \
    ROW(prefix, PASSPORT, "passport")                                                                        \
    ROW(prefix, NATIONAL, "national-id")                                                                     \
    ROW(prefix, TAX, "tax")                                                                                  \
    ROW(prefix, REGISTRATION, "registration") /* of a company */                                             \
    ROW(prefix, IMO, "imo")                                                                                  \
    ROW(prefix, MMSI, "mmsi")                                                                                \
    ROW(prefix, CALL_SIGN, "call-sign")                                                                      \
    ROW(prefix, AIRCRAFT_SERIAL, "aircraft-serial")                                                          \
    ROW(prefix, AIRCRAFT_TAIL, "aircraft-tail")                                                              \
    ROW(prefix, BIC, "bic")                                                                                  \
    ROW(prefix, LEI, "lei")                                                                                  \
    ROW(prefix, WALLET, "wallet") /* `currency` says which */                                                \
    ROW(prefix, WEBSITE, "website")                                                                          \
    ROW(prefix, EMAIL, "email")                                                                              \
    ROW(prefix, PHONE, "phone")                                                                              \
    ROW(prefix, DRIVING, "driving-licence")                                                                  \
    ROW(prefix, BIRTH_CERTIFICATE, "birth-certificate")                                                      \
    ROW(prefix, SECURITY, "security") /* ISIN, ticker */

/* Measures in force against an entry. */
#define CDN_LISTED_MEASURES(ROW, prefix)                                                                     \
    ROW(prefix, OTHER, "other")                                                                              \
    ROW(prefix, ASSET_FREEZE, "asset-freeze") /* blocking: the only one that blocks funds */                 \
    ROW(prefix, REJECT, "reject")             /* transactions are refused, nothing is blocked */             \
    ROW(prefix, TRAVEL_BAN, "travel-ban")                                                                    \
    ROW(prefix, ARMS_EMBARGO, "arms-embargo")                                                                \
    ROW(prefix, PORT_ENTRY, "port-entry")                                                                    \
    ROW(prefix, SHIPPING, "shipping")                  /* chartering, crew, servicing, flag, registration */ \
    ROW(prefix, AVIATION, "aviation")                  /* chartering, technical assistance for aircraft */   \
    ROW(prefix, TRUST, "trust-services")               /* trust services */                                  \
    ROW(prefix, DIRECTOR, "director-disqualification") /* disqualification as director */                    \
    ROW(prefix, SECTORAL, "sectoral")     /* debt, equity, technology: the directives of the US */           \
    ROW(prefix, INVESTMENT, "investment") /* securities of the party */                                      \
    ROW(prefix, CORRESPONDENT, "correspondent-account")                                                      \
    ROW(prefix, EXPORT, "export")     /* goods need a licence, or must not be delivered */                   \
    ROW(prefix, BUSINESS, "business") /* business arrangements, representative offices */

/* How an entry is related to another, seen from the entry. */
#define CDN_LISTED_RELATIONS(ROW, prefix)                                                                    \
    ROW(prefix, OTHER, "other")                                                                              \
    ROW(prefix, OWNED_BY, "owned-by") /* the target owns or controls this entry */                           \
    ROW(prefix, OWNS, "owns")                                                                                \
    ROW(prefix, ACTING_FOR, "acting-for")                                                                    \
    ROW(prefix, SUPPORTS, "supports")                                                                        \
    ROW(prefix, FAMILY, "family")                                                                            \
    ROW(prefix, LEADS, "leads")                                                                              \
    ROW(prefix, ASSOCIATE, "associate")                                                                      \
    ROW(prefix, PARENT, "parent")         /* the target is its parent company */                             \
    ROW(prefix, SUBSIDIARY, "subsidiary") /* the target is its subsidiary */                                 \
    ROW(prefix, INTEREST, "interest-of")  /* property in the interest of the target */                       \
    ROW(prefix, LINKED, "linked")         /* "linked to", nothing more is said */                            \
    ROW(prefix, OPERATED_BY, "operated-by")

#endif
