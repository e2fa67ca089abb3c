"""English abbreviations whose full stop does not end a sentence, or not always.

Titles, months, references and companies follow the English list of the Pragmatic Segmenter (K. Dias; MIT licence, in
the Python port pySBD by N. Sadvilkar and M. Neumann, 2020), without those that are words more often than
abbreviations (in, is, may, me, man, ill, miss, res, …). Units, statutes and prescriptions are added, because medical
and legal texts are full of them. All are in lower case, without the last full stop.
"""

from __future__ import annotations

_NEVER_LAST = """
mr mrs ms messrs mx dr drs prof hon rev fr st ste msgr gov gen col maj capt cmdr lt sgt cpl pvt adm brig supt insp
det rep reps sen sens pres amb atty attys e.g i.e eg ie viz cf vs v ca c approx appr esp incl excl resp ibid op loc
fig figs eq eqs eqn vol vols appx exh p pp nr
"""
NEVER_LAST = frozenset(_NEVER_LAST.split())
"""A sentence goes on behind these: titles stand before names, references before numbers."""

_BEFORE_NUMBER = """
no nos num tab chap ch sect sec secs art arts para paras par cl reg regs ref refs app pt pts pos ver abs jan feb mar
apr jun jul aug sep sept oct nov dec
"""
BEFORE_NUMBER = frozenset(_BEFORE_NUMBER.split())
"""A sentence goes on behind these where a number follows."""

_MAY_BE_LAST = """
al etc inc ltd co corp bros llc plc gmbh dept univ assn asst est jr sr esq mt ave blvd rd hwy bldg apt a.m p.m u.s
u.k u.n e.u u.s.a u.s.c d.c b.c a.d b.c.e c.e ph.d m.d d.o d.d.s b.sc m.sc b.a m.a r.n ll.b ll.m cir ct supp rev'd
aff'd max avg temp wt ht hr hrs mins wk wks mo mos yr yrs lb lbs oz ft i.v i.m s.c p.o b.i.d t.i.d q.i.d q.d q.h
p.r.n h.s a.c p.c n.p.o spp sp var subsp
"""
MAY_BE_LAST = frozenset(_MAY_BE_LAST.split())
"""A sentence ends behind these only where a word follows that usually begins one."""

_OPENERS = """
A After All Although An And Another Any As At Because Before Both But By Conclusion Conclusions Currently Despite
Did Do Does During Each Either Even Every Few Finally First For Four From Furthermore Given He Her Here His How
However I If In Instead Is It Its Later Many Meanwhile Methods Moreover Most My Neither Nevertheless Next No None
Not Now Of On Once One Only Other Others Our Over Patients People Please Results Second Seven She Similarly Since
Six So Some Such Symptoms Ten That The Their Then There Therefore These They This Those Three Thus To Treatment Two
Under Unlike Until Upon Using We What When Where Whereas Whether Which While Who Why With Within Without Yet You
Your
"""
OPENERS = frozenset(_OPENERS.split())
"""Words that begin a sentence when they are capitalised behind a full stop, and are hardly ever part of a name."""
