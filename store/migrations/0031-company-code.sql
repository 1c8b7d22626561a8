-- The company whose books carry a project's receivables (公司代码) is not the organisation that sells (销售组织).
alter table project add column company_code text;
update project set company_code = seller_no;
alter table project alter column company_code set not null;
