" SPDX-License-Identifier: Apache-2.0
" Vim syntax file: measures and scenarios of Cordon
" A word may stand in several groups of the language; here it stands in the first that has it.
if exists("b:current_syntax")
  finish
endif
let s:save = &cpo
set cpo&vim

setlocal iskeyword+=-,_
setlocal comments=:# commentstring=#\ %s expandtab shiftwidth=4

syn keyword measureLogic and any every except not or xor
syn keyword measureConstant false never none now true
syn keyword measureSubject acquirer admin advertiser agent_bank beneficiary booking buyer content contract
syn keyword measureSubject customer debt developer domain employer end_user equipment goods guest host
syn keyword measureSubject instrument issuing_bank it listing merchant message owner party payment
syn keyword measureSubject peer_network prefix publisher recipient registrant request seller sender
syn keyword measureSubject shareholder supplier supply title viewer
syn keyword measureEvidence address asn bic billing_address card_issuer declared_country document email gnss
syn keyword measureEvidence iban identity_card ip ip_history language memo passport phone registered_address
syn keyword measureEvidence registry_extract residence_permit rir_country ship_to sim_mcc statement
syn keyword measureEvidence storefront tax_id time_zone website
syn keyword measureKeyword accessed account action ambiguous announced appeal applicable applied area as at
syn keyword measureKeyword basis because binds birth_date bool business by calendar changes city clear
syn keyword measureKeyword clearance close-and-return code codes condition conflict contradiction
syn keyword measureKeyword contradictory controlled country day days done due duty effective entities entity
syn keyword measureKeyword established evidence excepted excludes existing expect fact for forbids form from
syn keyword measureKeyword gender geodata given held holidays hour identifier if iin in includes is issuer
syn keyword measureKeyword keep keep-records kinds km law licence lifted lifts list listed located match
syn keyword measureKeyword max-age max-radius may measure minute missing money month more name national needs
syn keyword measureKeyword new no notice notify number of on operator outcome outside owned part parties
syn keyword measureKeyword people per perhaps period_end place policy postal presume presumed protect
syn keyword measureKeyword protection rate recorded refuse region related-accounts relation release retain
syn keyword measureKeyword return review scenario scope score screened second seen service session set since
syn keyword measureKeyword singly source state statute strong supersedes suspended terms territory text than
syn keyword measureKeyword to transaction two unanswered under unknown until unverified warn week weekend
syn keyword measureKeyword when with withdraw within year zone

syn match measureName    /\<[a-z][a-z0-9_-]*\([./][a-z0-9][a-z0-9_-]*\)\+/ contains=measureSubject
syn match measurePlace   /\<[A-Z][A-Z]\(-[A-Z0-9]\{1,3}\)\?\>/
syn match measureNumber  /\<\d[0-9_]*\(\.\d\+\)\?\>/
syn match measureNumber  /\<AS\d\+\>/
syn match measureDate    /\<\d\{4}-\d\d-\d\d\(T\d\d:\d\d\(:\d\d\)\?\(Z\|[+-]\d\d:\d\d\)\?\)\?/
syn match measureZone    +\<[A-Z][A-Za-z]\+/[A-Za-z0-9_/+-]\++
syn match measureDeclare /^\(operator\|entity\|service\|action\|fact\|list\|set\|calendar\|rate\|geodata\|territory\|measure\|licence\|statute\|protect\|scenario\)\>/
syn match measureVerdict /^\s\+\(expect\s\+\)\?\(allow\|limit\|hold\|deny\|freeze\)\>/ contains=measureKeyword
syn match measureEscape  /\\\(["\\nt]\|u{\x\{1,6}}\)/ contained
syn region measureText   start=/"/ skip=/\\./ end=/"/ oneline contains=measureEscape
syn match measureUrl     /<[a-z]\+:[^ >]*>/
syn match measureComment /#.*$/ contains=@Spell

hi def link measureLogic Operator
hi def link measureConstant Constant
hi def link measureSubject Identifier
hi def link measureEvidence Type
hi def link measureKeyword Statement
hi def link measureName Function
hi def link measurePlace Constant
hi def link measureNumber Number
hi def link measureDate Number
hi def link measureZone Special
hi def link measureDeclare PreProc
hi def link measureVerdict Exception
hi def link measureEscape SpecialChar
hi def link measureText String
hi def link measureUrl Underlined
hi def link measureComment Comment

let b:current_syntax = "cordon-measure"
let &cpo = s:save
unlet s:save
