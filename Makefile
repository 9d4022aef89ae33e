# make run     try everything on this machine: http://localhost:8080 and demo people
# make test    install what the tests need, real servers included, and run them all
# ARGS goes to the demo or to pytest: make run ARGS="--port 9000", make test ARGS="tests/audit -x"

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests wait for servers a third of their time, so one more than there are cores.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
NPM := tests/servers/npm
SOURCES := portal connectors audit tests bench wsgi.py
DEBIAN := slapd 389-ds-base libnss3-tools ldap-utils samba-ad-dc samba-ad-provision ldb-tools openssh-client openssl \
  postgresql dovecot-imapd dovecot-lmtpd dovecot-managesieved dovecot-sieve chromium fonts-dejavu-core fonts-noto-cjk

.PHONY: run test check campaign bench lock texts clean

run: $(VENV)/.run
	$(BIN)/portal demo $(ARGS)

test: $(VENV)/.test check
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

campaign: $(VENV)/.test
	SPAREKEY_CAMPAIGN=1 $(BIN)/pytest -m campaign $(ARGS)

bench: $(VENV)/.test
	deploy/install-packages gcc libc6-dev libldap-dev
	$(BIN)/python -m bench $(ARGS)

# The newest versions that fit pyproject.toml, with the hashes of their files.
lock:
	$(BIN)/pip install --quiet uv
	for extras in "demo" "demo,test"; do \
	  $(BIN)/uv pip compile pyproject.toml --extra $$(echo $$extras | sed 's/,/ --extra /') --universal \
	    --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade \
	    --quiet -o requirements/$${extras##*,}.txt; done
	rm -f $(NPM)/package-lock.json
	$(BIN)/npm install --prefix $(NPM) --package-lock-only --omit-lockfile-registry-resolved --silent

# Take new texts from code and templates into the language files; docs/translating.md says what then.
texts: $(VENV)/.test
	$(BIN)/pybabel extract --mapping babel.cfg --keyword _l --keyword say --no-wrap --add-location file --output-file $(VENV)/messages.pot .
	$(BIN)/pybabel update --input-file $(VENV)/messages.pot --output-dir portal/translations --no-wrap \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

clean:
	rm -rf $(VENV) var

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sparekey needs Python 3.11 or newer; name one with: make PYTHON=python3.12 run")'
	$(PYTHON) -m venv $(VENV) || { deploy/install-packages python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.run: $(VENV)/bin/python requirements/demo.txt pyproject.toml $(wildcard portal/translations/*/LC_MESSAGES/*.po)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/demo.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/pybabel --quiet compile -d portal/translations
	$(BIN)/python -m compileall -q portal connectors audit wsgi.py
	touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt deploy/install-packages $(NPM)/package-lock.json
	deploy/install-packages $(DEBIAN)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	mkdir -p $(VENV)/npm
	cp $(NPM)/package.json $(NPM)/package-lock.json $(VENV)/npm
	$(BIN)/npm ci --prefix $(VENV)/npm --ignore-scripts --no-audit --no-fund --silent
	touch $@
