"""The report: the page's sections, the figures they show, and the templates that say them.

To add a figure, write ``figures/<name>.py`` with a pure function of tables and a ``PageFigure``
that declares it, and name that in ``figures`` of the section that shows it. To add a section, write
``sections/<name>.py`` with a ``Section`` and ``templates/<name>.html.j2``, and put it in its place
in ``page.SECTIONS``.
"""
