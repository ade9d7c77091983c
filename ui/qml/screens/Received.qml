pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// The end of a report: the number, the paper, what happens next.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property bool sideBySide: !page.upright && !Theme.enlarged

    function inFours(digits: string): string {
        return digits.replace(/(\d{4})(?=\d)/g, "$1 ");
    }

    hasBack: false
    hasNext: true
    help: ""
    nextIcon: "check"
    nextText: Words.text("button.finish")
    nextTouch: "finish"
    title: Bridge.state.title === "" ? Words.text("received.title") : Bridge.state.title
    titleIcon: "circle-check"

    GridLayout {
        columnSpacing: Theme.gap
        columns: page.sideBySide ? 2 : 1
        rowSpacing: Theme.wideGap
        width: parent.width

        ColumnLayout {
            Layout.alignment: Qt.AlignTop
            Layout.fillWidth: true
            Layout.preferredWidth: 3
            spacing: Theme.wideGap

            Card {
                Layout.fillWidth: true

                Label {
                    color: Theme.muted
                    size: Theme.supportText
                    text: Words.text("received.reference")
                    width: parent.width
                }
                Label {
                    Accessible.name: page.body.reference.split("").join(" ")
                    bold: true
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: Theme.mm(20)
                    objectName: "received:reference"
                    size: Theme.mm(27 * (Theme.growth > 1.5 ? 1.2 : Theme.enlarged ? 1.1 : 1))
                    text: page.inFours(page.body.reference)
                    wrapMode: Text.NoWrap
                    width: parent.width
                }
                Label {
                    Accessible.name: Words.fill("received.receipt_code", {
                        "code": page.body.receipt_code.split("").join(" ")
                    })
                    color: Theme.muted
                    even: true
                    objectName: "received:receipt_code"
                    size: Theme.supportText
                    text: Words.fill("received.receipt_code", {
                        "code": page.body.receipt_code
                    })
                    visible: page.body.receipt_code !== ""
                    width: parent.width
                }
                Label {
                    color: page.body.official_number === "" ? Theme.muted : Theme.text
                    even: true
                    objectName: "received:official"
                    size: Theme.supportText
                    text: page.body.official_number === "" ? Words.text("received.official_later") : Words.fill("received.official", {
                        "number": page.body.official_number
                    })
                    width: parent.width
                }
            }
            Paper {
                Layout.fillWidth: true
                canReprint: page.body.can_reprint
                paper: page.body.paper
                printer: page.body.printer
            }
            Repeater {
                model: page.body.slips

                SlipLine {
                    required property int index
                    required property var modelData
                    readonly property bool alone: page.body.slips.filter(each => each.label === modelData.label).length === 1

                    Layout.fillWidth: true
                    paper: modelData.paper ?? ""
                    slip: modelData.slip
                    text: modelData.label + (alone ? "" : " (" + (index + 1) + ")")
                }
            }
        }
        Card {
            Layout.fillHeight: true
            Layout.fillWidth: true
            Layout.preferredWidth: page.sideBySide ? 2 : 3

            KeepOnPhone {
                upright: page.sideBySide
                width: parent.width
            }
        }
    }
    Column {
        width: parent.width

        Label {
            bold: true
            bottomPadding: Theme.mm(1)
            size: Theme.headingText
            text: Words.text("received.next")
            visible: page.body.next_steps.length > 0
            width: parent.width
        }
        Repeater {
            model: page.body.next_steps

            StepLine {
                required property var modelData

                iconName: modelData.icon === "" ? "arrow-right" : modelData.icon
                text: modelData.text
                width: page.contentWidth
            }
        }
    }
}
