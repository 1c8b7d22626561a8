-- Each funder numbers its loans (借据号) for itself, and two of them may give the same number. The books have numbers of their own.
alter table loan add column funder_id uuid references party;
alter table loan add column funder_no text;
update loan l set funder_no = l.no, funder_id = (select a.funder_id from application a where a.no = l.application_no);
create unique index loan_funder_number on loan (funder_id, funder_no);
-- So with its postings.
alter table repayment drop constraint repayment_posting_no_key;
alter table repayment add constraint repayment_posting_number unique (loan_no, posting_no);
