pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../theme"
import "RoadTemplates.js" as Roads

// A drawing by finger, upon a road where one is chosen. Nothing depends on it: it may always be left out.
Column {
    id: sketch

    property string name: ""
    property string label: ""
    property string value: ""
    property int maxLength: 0
    property var lines: Roads.linesOf(value)  // what is shown: at once, before the visit has taken it
    property var drawing: []  // points of the line under the finger
    readonly property int limit: maxLength > 0 ? maxLength : 20000
    readonly property int mostLines: 200
    readonly property int room: limit - lines.join(";").length
    readonly property bool full: room < 40 || lines.length >= mostLines
    readonly property string road: Roads.roadOf(lines)
    readonly property int roadLines: road === "" ? 0 : Roads.LINES[road].length
    readonly property Echo echo: Echo {
        onLost: sketch.lines = Roads.linesOf(sketch.value)
    }

    signal edited(string value)

    function take(all: var): void {
        const answer = all.join(";");
        if (answer.length > limit || all.length > mostLines)
            return;
        lines = all;
        echo.sent(answer);
        edited(answer);
    }

    function draw(pen: var, line: string, road: bool): void {
        const points = line.split(" ").map(point => point.split(",").map(part => Number(part) * area.width / 1000));
        pen.strokeStyle = road ? "#7C8CA1" : "#0B2447";
        pen.lineWidth = Theme.mm(road ? 1.1 : 1.8);
        pen.beginPath();
        pen.moveTo(points[0][0], points[0][1]);
        for (const [x, y] of points)
            pen.lineTo(x + 0.1, y);  // a mere dot is seen, too
        pen.stroke();
    }

    function put(x: real, y: real): void {
        const clamp = value => Math.max(0, Math.min(1000, Math.round(value * 1000 / area.width)));
        const point = clamp(x) + "," + clamp(y);
        if (drawing.length > 0) {
            const [lastX, lastY] = drawing[drawing.length - 1].split(",").map(Number);
            if (Math.hypot(clamp(x) - lastX, clamp(y) - lastY) < 12)
                return;  // no finger is finer, and the drawing stays small
        }
        if ((drawing.length + 1) * 9 < room)
            drawing = drawing.concat([point]);
    }

    function lift(): void {
        const line = drawing.join(" ");
        drawing = [];
        if (line !== "")
            take(lines.concat([line]));
    }

    spacing: Theme.gap

    onDrawingChanged: paper.requestPaint()
    onLinesChanged: paper.requestPaint()
    onValueChanged: {
        if (echo.isNews(value))
            lines = Roads.linesOf(value);
    }

    Label {
        color: Theme.muted
        even: true
        size: Theme.smallText
        text: Words.text("sketch.road")
        width: parent.width
    }
    GridLayout {
        columnSpacing: Theme.gap
        columns: Theme.enlarged ? 1 : 3
        rowSpacing: Theme.gap
        uniformCellWidths: true
        width: parent.width

        Repeater {
            model: Roads.NAMES

            RatingTile {
                required property string modelData

                Layout.fillHeight: true
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                implicitHeight: Math.max(Theme.mm(26), implicitContentHeight + topPadding + bottomPadding)
                objectName: "road:" + sketch.name + ":" + modelData
                repeatTime: 0
                selected: sketch.road === modelData
                text: Words.text("sketch." + modelData)

                onAct: sketch.take(Roads.onRoad(sketch.lines, modelData))
            }
        }
    }
    Rectangle {
        id: frame

        border.color: Theme.outline
        border.width: Theme.line
        color: "#FFFFFF"
        height: area.width + 2 * Theme.line
        radius: Theme.smallRadius
        width: area.width + 2 * Theme.line
        x: Math.round((parent.width - width) / 2)

        Item {
            id: area

            Accessible.name: sketch.label === "" ? Words.text("sketch.area_say") : sketch.label
            Accessible.role: Accessible.Canvas
            clip: true
            height: width
            objectName: "sketch:" + sketch.name
            width: Math.min(sketch.width - 2 * Theme.line, Theme.mm(170))
            x: Theme.line
            y: Theme.line

            // Not `Shape`: drawn by software it does not keep within the page.
            Canvas {
                id: paper

                anchors.fill: parent
                renderStrategy: Canvas.Immediate

                onPaint: {
                    const pen = getContext("2d");
                    pen.reset();
                    pen.lineCap = "round";
                    pen.lineJoin = "round";
                    sketch.lines.forEach((line, place) => sketch.draw(pen, line, place < sketch.roadLines));
                    if (sketch.drawing.length > 0)
                        sketch.draw(pen, sketch.drawing.join(" "), false);
                }
            }
            MouseArea {
                anchors.fill: parent
                enabled: Touch.settled
                preventStealing: true  // the page does not scroll under the drawing finger

                onCanceled: sketch.drawing = []
                onPositionChanged: event => sketch.put(event.x, event.y)
                onPressed: event => sketch.put(event.x, event.y)
                onReleased: sketch.lift()
            }
        }
    }
    NoticeLine {
        text: Words.text("sketch.full")
        visible: sketch.full
        width: parent.width
    }
    GridLayout {
        columnSpacing: Theme.gap
        columns: Theme.enlarged ? 1 : 2
        rowSpacing: Theme.gap
        uniformCellWidths: true
        width: parent.width

        SecondaryButton {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            enabled: sketch.lines.length > 0
            iconName: "undo-2"
            implicitHeight: Math.max(Theme.mm(28), implicitContentHeight + topPadding + bottomPadding)
            objectName: "undo:" + sketch.name
            repeatTime: 0
            text: Words.text("button.undo")

            onAct: sketch.take(sketch.lines.length === sketch.roadLines ? [] : sketch.lines.slice(0, -1))
        }
        SecondaryButton {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            enabled: sketch.lines.length > 0
            iconName: "eraser"
            implicitHeight: Math.max(Theme.mm(28), implicitContentHeight + topPadding + bottomPadding)
            objectName: "clear:" + sketch.name
            repeatTime: 0
            text: Words.text("button.clear")

            onAct: sketch.take([])
        }
    }
}
